"""
Reads the rules of `authorization.py` off the supergraph's syntax tree.

What a field requires or takes from a context counts as needed for the field itself, and so does what an
`@interfaceObject` says of a field that it contributes to the object types of its interface. Both may lead in circles;
so everything that a field leads to is gathered first, and then the rules of all that.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldNode,
    InlineFragmentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    ScalarTypeDefinitionNode,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)

from trevo.supergraph.authorization import EVERYBODY, AuthorizationRules, Clause, Groups, Rule
from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.features import Features
from trevo.supergraph.supergraph import Field, TypeDefinition, frozen_map

Place = tuple[str, str]
"""A type and a field of it."""

_Guarded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | ScalarTypeDefinitionNode | EnumTypeDefinitionNode


def read_authorization(
    document: DocumentNode,
    features: Features,
    types: Mapping[str, TypeDefinition],
    possible_types: Mapping[str, frozenset[str]],
    contexts: Mapping[str, frozenset[str]],
) -> AuthorizationRules:
    """
    The rules in *document*, whose field sets have been checked.

    Raises SupergraphError for a directive whose arguments cannot be read.
    """
    if not features.guards:
        return AuthorizationRules()
    of_types: dict[str, Rule] = {}
    of_fields: dict[Place, Rule] = {}
    for node in document.definitions:
        if not isinstance(node, _Guarded):
            continue
        type_name = node.name.value
        of_types[type_name] = _read_rule(node.directives, features, f"The type {type_name}")
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            for field in node.fields or ():
                where = f"The field {type_name}.{field.name.value}"
                of_fields[type_name, field.name.value] = _read_rule(field.directives, features, where)
    leads_to = _Dependencies(types, possible_types, contexts)
    whole = {
        (definition.name, field.name): _gather(
            (definition.name, field.name), of_types, of_fields, types, leads_to.everything(definition.name, field.name)
        )
        for definition in types.values()
        for field in definition.fields.values()
    }
    return AuthorizationRules(
        types=frozen_map({name: rule for name, rule in of_types.items() if rule}),
        fields=frozen_map({place: rule for place, rule in whole.items() if rule}),
    )


def _gather(
    place: Place,
    of_types: Mapping[str, Rule],
    of_fields: Mapping[Place, Rule],
    types: Mapping[str, TypeDefinition],
    leads_to: set[Place],
) -> Rule:
    rule = EVERYBODY
    for type_name, field_name in {place, *leads_to}:
        returned = types[type_name].fields[field_name].type.name
        rule |= of_fields.get((type_name, field_name), EVERYBODY) | of_types.get(returned, EVERYBODY)
        if (type_name, field_name) != place:
            rule |= of_types.get(type_name, EVERYBODY)
    return rule


class _Dependencies:
    """Which fields a field cannot be had without."""

    def __init__(
        self,
        types: Mapping[str, TypeDefinition],
        possible_types: Mapping[str, frozenset[str]],
        contexts: Mapping[str, frozenset[str]],
    ) -> None:
        self._types = types
        self._possible_types = possible_types
        self._contexts = contexts
        self._direct: dict[Place, frozenset[Place]] = {}

    def everything(self, type_name: str, field_name: str) -> set[Place]:
        """All of them, however many steps away."""
        found: set[Place] = set()
        waiting: list[Place] = [(type_name, field_name)]
        while waiting:
            place = waiting.pop()
            if place not in self._direct:
                self._direct[place] = frozenset(self._required(*place))
            new = self._direct[place] - found
            found |= new
            waiting += new
        return found

    def _required(self, type_name: str, field_name: str) -> Iterator[Place]:
        definition = self._types[type_name]
        field = definition.fields[field_name]
        for join in field.joins:
            if join.requires:
                yield from self._selected(type_name, _parse(join.requires))
            for argument in join.contexts:
                for setting in self._contexts[argument.context]:
                    yield from self._selected(setting, _parse(argument.selection))
        if any(join.subgraph is None for join in field.joins):
            yield from self._contributed(definition, field)

    def _contributed(self, definition: TypeDefinition, field: Field) -> Iterator[Place]:
        """The field on the interface that is an object somewhere, which has it to give."""
        for name in {name for names in definition.implements.values() for name in names}:
            interface = self._types.get(name)
            if interface is not None and field.name in interface.fields:
                yield name, field.name

    def _selected(self, type_name: str, selections: SelectionSetNode) -> Iterator[Place]:
        for node in selections.selections:
            if isinstance(node, InlineFragmentNode):
                on = node.type_condition.name.value if node.type_condition else type_name
                yield from self._selected(on, node.selection_set)
            elif isinstance(node, FieldNode) and node.name.value != "__typename":
                for name in {type_name, *self._possible_types.get(type_name, ())}:
                    if node.name.value in self._types[name].fields:
                        yield name, node.name.value
                if node.selection_set:
                    returned = self._types[type_name].fields[node.name.value].type.name
                    yield from self._selected(returned, node.selection_set)


def _parse(field_set: str) -> SelectionSetNode:
    (operation,) = parse("{" + field_set + "}", no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - what braces parse to
    return operation.selection_set


def _read_rule(directives: tuple[ConstDirectiveNode, ...] | None, features: Features, where: str) -> Rule:
    clauses = set()
    for application in directives or ():
        match features.guards.get(application.name.value):
            case "authenticated":
                clauses.add(Clause("authenticated"))
            case "requiresScopes":
                clauses.add(Clause("scopes", _read_groups(application, "scopes", where)))
            case "policy":
                clauses.add(Clause("policies", _read_groups(application, "policies", where)))
    return frozenset(clauses)


def _read_groups(application: ConstDirectiveNode, argument: str, where: str) -> Groups:
    value = next(
        (value_from_ast_untyped(each.value) for each in application.arguments or () if each.name.value == argument),
        None,
    )
    # One value may stand for a list of one (GraphQL 3.11, Input Coercion).
    groups = [
        group if isinstance(group, list) else [group] for group in (value if isinstance(value, list) else [value])
    ]
    if not all(isinstance(name, str) for group in groups for name in group):
        raise SupergraphError(
            f"{where} has `@{application.name.value}` without a list of lists of names in `{argument}`."
        )
    return frozenset(frozenset(group) for group in groups)
