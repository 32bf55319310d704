"""Whether a document fits the public schema, at a bounded cost."""

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType, validate

from router.core.errors import ClientError, RequestRefused, refuse
from router.core.limits import Limits
from router.operation.measure import check_size
from router.operation.parse import client_error

ERRORS_MAX = 20
"""Validation stops there: the first few errors help, and suggestions for a thousand names are work."""


def validate_document(
    schema: GraphQLSchema, document: DocumentNode, limits: Limits, *, hide_suggestions: bool = False
) -> None:
    """
    Check *document* against the limits, then against the public *schema*.

    graphql-core bounds the one rule that is not linear (overlapping fields) by a budget of its own; what is larger
    than the limits never comes that far. *hide_suggestions* keeps "Did you mean" from spelling out a schema whose
    introspection is switched off.

    Refuses with the codes of `check_size` and with `GRAPHQL_VALIDATION_FAILED`.
    """
    check_size(document, limits)
    try:
        errors = validate(schema, document, max_errors=ERRORS_MAX, hide_suggestions=hide_suggestions)
    except RecursionError:
        raise refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be validated.") from None
    if errors:
        raise RequestRefused(*(client_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))


def check_operation_type(operation: OperationDefinitionNode, *, only_queries: bool) -> None:
    """
    Refuse what this transport does not carry.

    A GET request must not change anything (GraphQL over HTTP, 5.3), so it carries queries alone: with *only_queries*
    a mutation is refused with status 405. Subscriptions are refused always.
    """
    if operation.operation is OperationType.SUBSCRIPTION:
        raise refuse("SUBSCRIPTIONS_NOT_SUPPORTED", "Subscriptions are not supported; use a query.")
    if only_queries and operation.operation is not OperationType.QUERY:
        error = ClientError("A GET request may only carry a query; send mutations by POST.", "MUTATION_NOT_ALLOWED")
        raise RequestRefused(error, status=405, is_transport=True, headers={"allow": "POST"})
