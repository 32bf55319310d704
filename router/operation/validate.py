"""Whether a document fits the public schema, at a bounded cost."""

from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

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

    The one rule that is not linear in the document, overlapping fields, stops when its budget of comparisons is spent.
    *hide_suggestions* keeps "Did you mean" from spelling out a schema whose
    introspection is switched off.

    Refuses with the codes of `check_size`, `QUERY_TOO_COMPLEX` and `GRAPHQL_VALIDATION_FAILED`.
    """
    check_size(document, limits)
    try:
        errors = validate(
            schema, document, _rules(limits.comparisons_max), max_errors=ERRORS_MAX, hide_suggestions=hide_suggestions
        )
    except RecursionError:
        raise refuse("QUERY_TOO_DEEP", "The query is nested too deeply to be validated.") from None
    if any(_is_out_of_budget(error) for error in errors):
        message = "The query repeats fields so often that it cannot be validated; merge the repetitions."
        raise refuse("QUERY_TOO_COMPLEX", message)
    if errors:
        raise RequestRefused(*(client_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))


def _is_out_of_budget(error: GraphQLError) -> bool:
    # The other reason to stop, too many errors, explains itself.
    return isinstance(error, ValidationAbortedError) and "error limit" not in error.message


@lru_cache
def _rules(comparisons_max: int) -> tuple[type[ASTValidationRule], ...]:
    """The specified rules, the dear one with a budget of its own: the library's is for the whole process."""

    class Bounded(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: Any) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = 2 * comparisons_max

    return tuple(Bounded if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)


def check_operation_type(operation: OperationDefinitionNode, *, changes_nothing: bool, has_stream: bool) -> None:
    """
    Refuse what this transport does not carry.

    A GET request must not change anything (GraphQL over HTTP, 5.3): where *changes_nothing* a mutation is refused with
    status 405. A subscription needs a stream for its events; without one it is refused with status 406.
    """
    if operation.operation is OperationType.SUBSCRIPTION and not has_stream:
        message = (
            "A subscription is answered by a stream of events: send 'accept: text/event-stream', "
            "or open a web socket with the subprotocol 'graphql-transport-ws'."
        )
        raise refuse("SUBSCRIPTION_NEEDS_STREAM", message, status=406, is_transport=True)
    if changes_nothing and operation.operation is OperationType.MUTATION:
        error = ClientError("A GET request may only carry a query; send mutations by POST.", "MUTATION_NOT_ALLOWED")
        raise RequestRefused(error, status=405, is_transport=True, headers={"allow": "POST"})
