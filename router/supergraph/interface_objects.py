"""
What composition may leave out of an interface: that a field is external where the interface is an object.

    type Media @interfaceObject @key(fields: "id") {
      id: ID!
      title: String @external
      summary: String @requires(fields: "title")
    }

Where every subgraph declares a field of an interface, some composers write no `@join__field` for it. That this subgraph
does not resolve `title` then shows only in its field sets: what they name at the top has to be external.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import FieldNode, OperationDefinitionNode, parse

from router.supergraph.supergraph import JoinField, TypeDefinition, frozen_map


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
