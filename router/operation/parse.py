"""From a client's text to a document, and from a document to the operation to run."""

import re

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
)

from router.core.errors import ClientError, RequestRefused, refuse
from router.core.limits import Limits


def parse_document(text: str, limits: Limits) -> DocumentNode:
    """
    Parse *text*, reading no more of it than the limits allow.

    Refuses with `QUERY_TOO_LONG`, `QUERY_TOO_MANY_TOKENS`, `QUERY_TOO_DEEP` and `GRAPHQL_PARSE_FAILED`.
    """
    if len(text) > limits.query_characters_max:
        raise refuse("QUERY_TOO_LONG", f"The query is longer than {limits.query_characters_max} characters.")
    try:
        return parse(text, max_lexical_tokens=limits.tokens_max, allow_empty_selection_sets=False)
    except RecursionError:
        raise refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be read.") from None
    except GraphQLSyntaxError as error:
        raise _refusal(error, limits) from None


def _refusal(error: GraphQLSyntaxError, limits: Limits) -> RequestRefused:
    if re.search(r"more than \d+ tokens", error.message):
        return refuse("QUERY_TOO_MANY_TOKENS", f"The query has more than {limits.tokens_max} tokens.")
    if "nested too deeply" in error.message:
        return refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be read.")
    return RequestRefused(client_error(error, "GRAPHQL_PARSE_FAILED"))


def client_error(error: GraphQLError, code: str) -> ClientError:
    """graphql-core's *error* about a document, as the client gets it."""
    locations = tuple((location.line, location.column) for location in error.locations or ())
    return ClientError(error.message, code, locations=locations)


def select_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """
    The operation called *name*, or the only one.

    Refuses with `OPERATION_NAME_REQUIRED`, `UNKNOWN_OPERATION_NAME` and `NO_OPERATION` (GraphQL 6.1, GetOperation).
    """
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if not operations:
        raise refuse("NO_OPERATION", "The document contains no operation.")
    if name is None:
        if len(operations) > 1:
            raise refuse(
                "OPERATION_NAME_REQUIRED", "The document contains several operations; say which by operationName."
            )
        return operations[0]
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise refuse("UNKNOWN_OPERATION_NAME", f"The document contains no operation named '{name}'.")


def fragments_by_name(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
