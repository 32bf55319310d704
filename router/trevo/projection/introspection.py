"""
`__schema` and `__type`, answered from the public schema without asking anybody.

They may stand beside ordinary fields, which the planner knows to pass over; `answer_introspection` gives the values
that the projection puts in their places. Those are mostly at the root, but a field may return the root type again, and
then they are below it.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
)

from trevo.door.exact_json import copy_tree
from trevo.errors import refuse
from trevo.execute.merge_response import merge_object
from trevo.operation.deferral import without_defer
from trevo.operation.tree import Operation, OperationField
from trevo.projection.build import ResponseField

Answers = Mapping[OperationField, Any]
"""Values, by the field of the operation that asks for them."""


def answer_introspection(schema: GraphQLSchema, operation: Operation, variables: dict[str, Any]) -> Answers:
    """The value of each of the operation's introspection fields, from graphql-core over the public *schema*."""
    # Each under a name of its own: at different places, one response key may stand for different questions.
    asked = [_under(f"_{number}", each) for number, each in enumerate(operation.introspection)]
    query = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=operation.variables,
        selection_set=SelectionSetNode(selections=tuple(asked)),
    )
    document = without_defer(DocumentNode(definitions=(query, *operation.introspection_fragments)))
    result = execute_sync(schema, document, variable_values=variables)
    if result.errors or result.data is None:
        # The schema answers for itself; the one thing left to be wrong is the question.
        message = result.errors[0].message if result.errors else "Introspection gave no answer."
        raise refuse("BAD_USER_INPUT", message)
    return {each: result.data.get(f"_{number}") for number, each in enumerate(operation.introspection)}


def _under(key: str, field: OperationField) -> FieldNode:
    node = field.syntax
    assert node is not None  # noqa: S101  # introspection keeps it
    return FieldNode(
        alias=NameNode(value=key),
        name=node.name,
        arguments=node.arguments,
        directives=node.directives,
        selection_set=node.selection_set,
    )


def introspected_value(field: ResponseField, answers: Answers) -> Any:
    """What *field* is, from the answers to all that was selected under its key."""
    first, *others = [answers.get(each) for each in field.selected_by]
    if not isinstance(first, dict) or not others:
        return first
    merged: dict[str, Any] = copy_tree(first)
    for other in others:
        merge_object(merged, copy_tree(other), [])
    return merged
