"""
Checks that the field sets of `@key`, `@requires` and `@provides` can be read.

They are texts in directives, so nobody else looks at them before an operation needs one; a file with a bad one is to
be refused when it is loaded.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from trevo.supergraph.errors import SupergraphError
from trevo.supergraph.supergraph import TypeDefinition


def check_field_sets(types: Mapping[str, TypeDefinition]) -> None:
    """Raises SupergraphError for the first field set that is no selection of its type's fields."""
    for type_name, where, text in dict.fromkeys(_field_sets(types)):
        check_field_set(types, type_name, where, text)


def check_field_set(types: Mapping[str, TypeDefinition], type_name: str, where: str, text: str) -> None:
    """Raises SupergraphError, which says *where* it is written, if *text* is no selection of that type's fields."""
    try:
        (operation,) = parse("{" + text + "}", no_location=True).definitions
    except (GraphQLSyntaxError, ValueError) as error:
        raise SupergraphError(f"{where} has a field set that cannot be read: {text}") from error
    if not isinstance(operation, OperationDefinitionNode):
        raise SupergraphError(f"{where} has a field set that cannot be read: {text}")
    _check(types, type_name, operation.selection_set, f"{where} has the field set {text}")


def _field_sets(types: Mapping[str, TypeDefinition]) -> Iterator[tuple[str, str, str]]:
    """The type it is about, where it is written, and the text."""
    for definition in types.values():
        for join in definition.joins:
            if join.key:
                yield definition.name, f"The type {definition.name}", join.key
        for field in definition.fields.values():
            for field_join in field.joins:
                where = f"The field {definition.name}.{field.name}"
                if field_join.requires:
                    yield definition.name, where, field_join.requires
                if field_join.provides:
                    declared = field_join.type or field.type
                    yield declared.name, where, field_join.provides


def _check(types: Mapping[str, TypeDefinition], type_name: str, selections: SelectionSetNode, where: str) -> None:
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition.name.value if node.type_condition else type_name
            if on not in types:
                raise SupergraphError(f"{where}, but there is no type {on}.")
            _check(types, on, node.selection_set, where)
        elif not isinstance(node, FieldNode):
            raise SupergraphError(f"{where}, which spreads a fragment that nobody defines.")
        elif node.name.value != "__typename":
            definition = types.get(type_name)
            field = definition.fields.get(node.name.value) if definition else None
            if field is None:
                raise SupergraphError(f"{where}, but {type_name} has no field {node.name.value}.")
            if node.selection_set:
                _check(types, field.type.name, node.selection_set, where)
