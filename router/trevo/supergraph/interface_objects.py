"""
What composition may leave out where an interface is an object in some subgraph.

That a field is external there:

    type Media @interfaceObject @key(fields: "id") {
      id: ID!
      title: String @external
      summary: String @requires(fields: "title")
    }

Where every subgraph declares a field of an interface, some composers write no `@join__field` for it. That this subgraph
does not resolve `title` then shows only in its field sets: what they name at the top has to be external.

And that other interfaces have what the object adds to this one:

    interface Media { id: ID!  stars: Int @join__field(graph: PRESS) }
    interface Printed implements Media { id: ID! }

Their implementations have `stars`, so it can be asked for; without it the schema would not be valid.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    FieldNode,
    InterfaceTypeDefinitionNode,
    NameNode,
    OperationDefinitionNode,
    parse,
)

from trevo.supergraph.supergraph import JoinField, TypeDefinition, frozen_map

_OF_NOBODY = ConstDirectiveNode(name=NameNode(value="join__field"), arguments=())
"""How composition marks such a field on object types: no subgraph of the type's own has it."""


def complete_interfaces(document: DocumentNode) -> DocumentNode:
    """*document*, in which interfaces have all fields of the interfaces that they implement."""
    interfaces = {
        node.name.value: node for node in document.definitions if isinstance(node, InterfaceTypeDefinitionNode)
    }
    completed = {name: _complete(node, interfaces) for name, node in interfaces.items()}
    return replace(
        document,
        definitions=tuple(
            completed[node.name.value] if isinstance(node, InterfaceTypeDefinitionNode) else node
            for node in document.definitions
        ),
    )


def _complete(
    node: InterfaceTypeDefinitionNode, interfaces: Mapping[str, InterfaceTypeDefinitionNode]
) -> InterfaceTypeDefinitionNode:
    fields = {field.name.value: field for field in node.fields or ()}
    for implemented in node.interfaces or ():
        for field in interfaces[implemented.name.value].fields or () if implemented.name.value in interfaces else ():
            fields.setdefault(field.name.value, replace(field, directives=(*_not_joins(field), _OF_NOBODY)))
    return replace(node, fields=tuple(fields.values()))


def _not_joins(field: FieldDefinitionNode) -> Iterator[ConstDirectiveNode]:
    return (each for each in field.directives or () if not each.name.value.startswith("join__"))


def mark_external_fields(types: Mapping[str, TypeDefinition]) -> dict[str, TypeDefinition]:
    """*types*, whose field sets have been checked, with the joins that were left out."""
    external: dict[str, dict[str, set[str]]] = {}
    for type_name, subgraph, text in _field_sets(types):
        if types[type_name].is_interface_object_in(subgraph):
            for name in _names_in(text):
                if not types[type_name].fields[name].joins:
                    external.setdefault(type_name, {}).setdefault(name, set()).add(subgraph)
    return {**types, **{name: _with_joins(types[name], fields) for name, fields in external.items()}}


def _field_sets(types: Mapping[str, TypeDefinition]) -> Iterator[tuple[str, str, str]]:
    """The type that each field set is about, the subgraph whose it is, and its text."""
    for definition in types.values():
        for field in definition.fields.values():
            for join in field.joins:
                if join.subgraph and join.requires:
                    yield definition.name, join.subgraph, join.requires
                if join.subgraph and join.provides:
                    yield (join.type or field.type).name, join.subgraph, join.provides


def _names_in(field_set: str) -> Iterator[str]:
    (operation,) = parse("{" + field_set + "}", no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - what braces around selections parse to
    for node in operation.selection_set.selections:
        if isinstance(node, FieldNode) and node.name.value != "__typename":
            yield node.name.value


def _with_joins(definition: TypeDefinition, external: Mapping[str, set[str]]) -> TypeDefinition:
    fields = dict(definition.fields)
    for name, subgraphs in external.items():
        joins = tuple(JoinField(each, external=each in subgraphs) for each in definition.subgraphs)
        fields[name] = replace(fields[name], joins=joins)
    return replace(definition, fields=frozen_map(fields))
