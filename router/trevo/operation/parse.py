"""From a client's text to a document that fits the public schema, and from a document to the operation to run."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
)

from trevo.config.limits import Limits
from trevo.door.documents import read_document
from trevo.door.too_much import TooMuch
from trevo.errors import ClientError, RequestRefused, refuse

NAME_REQUIRED = "OPERATION_NAME_REQUIRED"
"""The code of a refusal that only wants to know which operation is meant."""


def read_valid_document(
    schema: GraphQLSchema, text: str, limits: Limits, *, hide_suggestions: bool = False
) -> DocumentNode:
    """
    The document in *text*, within the limits and valid by the public *schema*.

    *hide_suggestions* keeps "Did you mean" from spelling out a schema whose introspection is switched off.

    Refuses with the codes of `trevo.door.documents`, `GRAPHQL_PARSE_FAILED` and `GRAPHQL_VALIDATION_FAILED`.
    """
    try:
        document, errors = read_document(
            schema, text, limits.document, hide_suggestions=hide_suggestions, needs_locations=False
        )
    except TooMuch as excess:
        raise too_much(excess) from None
    except GraphQLSyntaxError as error:
        raise RequestRefused(client_error(error, "GRAPHQL_PARSE_FAILED")) from None
    if errors:
        raise RequestRefused(*(client_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))
    return document


def too_much(excess: TooMuch) -> RequestRefused:
    """The refusal of a request that asks for too much."""
    return RequestRefused(ClientError(excess.message, excess.code, extensions=excess.extensions))


def client_error(error: GraphQLError, code: str) -> ClientError:
    """graphql-core's *error* about a document, as the client gets it."""
    locations = tuple((location.line, location.column) for location in error.locations or ())
    return ClientError(error.message, code, locations=locations)


def select_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """
    The operation called *name*, or the only one.

    Refuses with `OPERATION_NAME_REQUIRED`, `UNKNOWN_OPERATION_NAME` and `NO_OPERATION` (GraphQL 6.1, GetOperation).
    """
    operations = list(_operations_of(document))
    if not operations:
        raise refuse("NO_OPERATION", "The document contains no operation.")
    if name is None:
        if len(operations) > 1:
            raise refuse(NAME_REQUIRED, "The document contains several operations; say which by operationName.")
        return operations[0]
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise refuse("UNKNOWN_OPERATION_NAME", f"The document contains no operation named '{name}'.")


def operation_names(text: str) -> list[str]:
    """What the operations in *text*, which was read as valid before, are called."""
    return [each.name.value for each in _operations_of(parse(text, no_location=True)) if each.name]


def _operations_of(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
