"""
`__schema` and `__type`, answered from the public schema without asking anybody.

They may stand beside ordinary fields: `split_off_introspection` gives the planner the document without them, and
`answer_introspection` the values that the projection puts in their places. Those are mostly at the root, but a field
may return the root type again, and then they are below it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    execute_sync,
)

from trevo.door.documents import INTROSPECTION_FIELDS
from trevo.door.exact_json import copy_tree
from trevo.errors import refuse
from trevo.execute.merge_response import merge_object
from trevo.projection.build import Field

Answers = Mapping[int, Any]
"""Values by the identity of the syntax node that asks for them."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """An operation without its introspection fields; *document* is None when nothing else is asked."""

    document: DocumentNode | None
    operation: OperationDefinitionNode


def split_off_introspection(
    document: DocumentNode, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Remainder:
    """
    *document* reduced to *operation* and its fragments, without the fields answered here.

    `__typename` of the root is left in; planners know it. Root fragments are written out in place, since another
    operation's idea of them does not matter here.
    """
    if not operation.selection_set.selections:
        return Remainder(None, operation)
    if operation.operation is not OperationType.QUERY or not _asks_introspection(operation.selection_set, fragments):
        return Remainder(_reduce(document, operation), operation)
    selections = _without_introspection(operation.selection_set, fragments)
    if not selections:
        return Remainder(None, operation)
    reduced = _copy(operation, selection_set=SelectionSetNode(selections=selections))
    return Remainder(_reduce(document, reduced), reduced)


def _reduce(document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode:
    fragments = tuple(node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
    return DocumentNode(definitions=(operation, *fragments))


def _asks_introspection(selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value in INTROSPECTION_FIELDS:
                return True
        elif (below := _selection_set_of(node, fragments)) and _asks_introspection(below, fragments):
            return True
    return False


def _without_introspection(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[SelectionNode, ...]:
    kept: list[SelectionNode] = []
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value not in INTROSPECTION_FIELDS:
                kept.append(node)
        elif below := _selection_set_of(node, fragments):
            selections = _without_introspection(below, fragments)
            if selections:
                inline = InlineFragmentNode(
                    type_condition=None,
                    directives=node.directives,
                    selection_set=SelectionSetNode(selections=selections),
                )
                kept.append(inline)
    return tuple(kept)


def _selection_set_of(node: SelectionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> SelectionSetNode | None:
    if isinstance(node, FragmentSpreadNode):
        return fragments[node.name.value].selection_set
    return node.selection_set if isinstance(node, InlineFragmentNode) else None


def _copy(operation: OperationDefinitionNode, *, selection_set: SelectionSetNode) -> OperationDefinitionNode:
    return OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=selection_set,
    )


def introspection_nodes(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[FieldNode, ...]:
    """Every field of *operation* and its *fragments* that is answered here, wherever it stands."""
    sets = (operation.selection_set, *(fragment.selection_set for fragment in fragments.values()))
    return tuple(node for selection_set in sets for node in _introspection_nodes(selection_set))


def _introspection_nodes(selection_set: SelectionSetNode) -> Iterator[FieldNode]:
    for node in selection_set.selections:
        if isinstance(node, FieldNode) and node.name.value in INTROSPECTION_FIELDS:
            yield node
        elif isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set:
            yield from _introspection_nodes(node.selection_set)


def answer_introspection(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    nodes: tuple[FieldNode, ...],
    variables: dict[str, Any],
) -> Answers:
    """The value of each of *nodes*, by its identity, from graphql-core over the public *schema*."""
    # Each under a name of its own: at different places, one response key may stand for different questions.
    asked = [
        FieldNode(
            alias=NameNode(value=f"_{number}"),
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=node.selection_set,
        )
        for number, node in enumerate(nodes)
    ]
    query = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(asked)),
    )
    document = DocumentNode(definitions=(query, *fragments.values()))
    result = execute_sync(schema, document, variable_values=variables)
    if result.errors or result.data is None:
        # The schema answers for itself; the one thing left to be wrong is the question.
        message = result.errors[0].message if result.errors else "Introspection gave no answer."
        raise refuse("BAD_USER_INPUT", message)
    return {id(node): result.data.get(f"_{number}") for number, node in enumerate(nodes)}


def introspected_value(field: Field, answers: Answers) -> Any:
    """What *field* is, from the answers to all that was selected under its key."""
    first, *others = [answers.get(id(node)) for node in field.nodes]
    if not isinstance(first, dict) or not others:
        return first
    merged: dict[str, Any] = copy_tree(first)
    for other in others:
        merge_object(merged, copy_tree(other), [])
    return merged
