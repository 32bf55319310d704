"""
Documents that were asked before.

The router repeats the same texts, so nearly every document is read once. Strawberry's own caches do the same in two
steps, and know a parsed document by its hash, for which graphql-core walks the whole document each time. Here the text
is the key of both steps, and one hook per request does what four did.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse
from strawberry.extensions import SchemaExtension
from strawberry.extensions.query_depth_limiter import create_validator
from strawberry.schema.schema import validate_document

DEPTH_MAX = 20
TOKENS_MAX = 20_000
DOCUMENTS_MAX = 1_000
"""Kept, of all subgraphs in this process together."""

_DEPTH_RULE = create_validator(DEPTH_MAX, None)


@lru_cache(maxsize=DOCUMENTS_MAX)
def read_document(schema: GraphQLSchema, text: str, rules: tuple[Any, ...]) -> tuple[DocumentNode, list[GraphQLError]]:
    """The parsed *text* and what is wrong with it. Raises GraphQLSyntaxError."""
    document = parse(text, max_tokens=TOKENS_MAX)
    return document, validate_document(schema, document, (*rules, _DEPTH_RULE))


class KnownDocuments(SchemaExtension):
    """Reads each document within our limits, and once."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        # Strawberry parses what is not parsed yet, and validates what nobody has found errors, or none, in.
        if context.query:
            context.graphql_document, context.pre_execution_errors = read_document(
                context.schema._schema,  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
                context.query,
                context.validation_rules,
            )
        yield
