"""
Answers operations on a part of the store, at little cost: a document is read once, its selections are merged once per
type, and after that dicts are picked from dicts.

Only what gateways send is understood: fields, aliases, arguments, fragments, `@include` and `@skip`. There are no
mistakes in data, no nulls that may not be, no coercion: what is measured is the gateway in front of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from graphql.utilities import value_from_ast_untyped

from bench.gateways.store.world import KEYS, Entity, Part

Variables = Mapping[str, Any]


class _Field:
    """A field under its response key, with everything that is selected below it in the operation."""

    def __init__(self, operation: "_Operation", key: str, nodes: list[FieldNode]) -> None:
        self.key = key
        self.name = nodes[0].name.value
        self.arguments = nodes[0].arguments or ()
        sets = [node.selection_set for node in nodes if node.selection_set]
        self.below = _Selection(operation, sets) if sets else None


class _Selection:
    """Selection sets of the same objects, merged per type when one is first met."""

    def __init__(self, operation: "_Operation", sets: Sequence[SelectionSetNode]) -> None:
        self._operation = operation
        self._sets = sets
        self._by_type: dict[str, list[_Field]] = {}

    def fields_of(self, type_name: str) -> list[_Field]:
        fields = self._by_type.get(type_name)
        if fields is None:
            nodes: dict[str, list[FieldNode]] = {}
            for selection_set in self._sets:
                self._collect(selection_set, type_name, nodes)
            fields = [_Field(self._operation, key, of_key) for key, of_key in nodes.items()]
            self._by_type[type_name] = fields
        return fields

    def _collect(self, selection_set: SelectionSetNode, type_name: str, into: dict[str, list[FieldNode]]) -> None:
        for node in selection_set.selections:
            if not self._operation.is_wanted(node):
                continue
            if isinstance(node, FieldNode):
                into.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: Any = self._operation.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = fragment.type_condition
            if condition is None or condition.name.value == type_name:
                self._collect(fragment.selection_set, type_name, into)


class _Operation:
    def __init__(self, document: DocumentNode, name: str | None, variables: Variables) -> None:
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        (chosen,) = [node for node in operations if name is None or node.name is None or node.name.value == name]
        self.variables = variables
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.selection = _Selection(self, [chosen.selection_set])
        self.has_conditions = False

    def is_wanted(self, node: Any) -> bool:
        """Whether its `@include` and `@skip` let *node* in."""
        for directive in node.directives or ():
            self.has_conditions = True
            value = value_from_ast_untyped(directive.arguments[0].value, dict(self.variables))
            if bool(value) != (directive.name.value == "include"):
                return False
        return True


class Answers:
    """Answers operations on *part*."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._known: dict[tuple[str, str | None], _Operation] = {}

    def answer(self, query: str, variables: Variables, operation_name: str | None = None) -> dict[str, Any]:
        """The `data` of an operation that is valid."""
        operation = self._known.get((query, operation_name))
        if operation is None:
            operation = _Operation(parse(query, no_location=True), operation_name, variables)
        operation.variables = variables
        data = {field.key: self._root(field, variables) for field in operation.selection.fields_of("Query")}
        if not operation.has_conditions:
            self._known[query, operation_name] = operation
        return data

    def _root(self, field: _Field, variables: Variables) -> Any:
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, dict(variables)) for argument in field.arguments
        }
        if field.name == "__typename":
            return "Query"
        if field.name == "_entities":
            assert field.below is not None
            return [self._entity(representation, field.below) for representation in given["representations"]]
        return _pick(self._part.roots[field.name](given), field.below, given)

    def _entity(self, representation: Entity, below: _Selection) -> Any:
        type_name = representation["__typename"]
        found = self._part.entities[type_name].get(representation[KEYS[type_name]])
        return None if found is None else _object(found, below, representation)


def _pick(value: Any, below: _Selection | None, given: Mapping[str, Any]) -> Any:
    if below is None:
        return value(given) if callable(value) else value
    if isinstance(value, list):
        return [_object(entity, below, given) for entity in value]
    return _object(value, below, given)


def _object(entity: Entity, below: _Selection, given: Mapping[str, Any]) -> dict[str, Any]:
    return {field.key: _pick(entity[field.name], field.below, given) for field in below.fields_of(entity["__typename"])}
