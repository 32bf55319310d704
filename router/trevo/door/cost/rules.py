"""What a schema says of cost: its `@cost` and `@listSize` directives, by the place where they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    value_from_ast_untyped,
)

LIST_SIZE_ASSUMED = 10
"""Of a list that the schema says nothing about."""


@dataclass(frozen=True, slots=True)
class ListSize:
    """`@listSize` of one field."""

    assumed_size: int | None = None
    slicing_arguments: tuple[str, ...] = ()
    """Arguments that say how long the list will be: a number, or a list of as many things. `input.first` is a member of
    an argument."""
    sized_fields: tuple[str, ...] = ()
    """Where the list is: these fields below (`nodes`, `page.nodes`) instead of the field itself."""
    require_one_slicing_argument: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """The default values of the slicing arguments that have one."""


@dataclass(frozen=True, slots=True)
class CostRules:
    """The rules of one schema."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """By coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`."""
    list_sizes: Mapping[str, ListSize] = field(default_factory=dict)
    """By coordinate of the field."""
    list_size_assumed: int = LIST_SIZE_ASSUMED


def read_cost_rules(
    document: DocumentNode,
    *,
    cost: str = "cost",
    list_size: str = "listSize",
    list_size_assumed: int = LIST_SIZE_ASSUMED,
) -> CostRules:
    """The rules in a schema's syntax tree, in which the two directives are called *cost* and *list_size*."""
    weights: dict[str, float] = {}
    list_sizes: dict[str, ListSize] = {}
    for node in document.definitions:
        if not isinstance(node, (TypeDefinitionNode, TypeExtensionNode)):
            continue
        for coordinate, place in _places(node):
            for arguments in _applications(place.directives, cost):
                weights[coordinate] = _weight(arguments.get("weight"))
            if isinstance(place, FieldDefinitionNode):
                for arguments in _applications(place.directives, list_size):
                    list_sizes[coordinate] = _list_size(arguments, place)
    return CostRules(weights, list_sizes, list_size_assumed)


_Place = FieldDefinitionNode | InputValueDefinitionNode | TypeDefinitionNode | TypeExtensionNode


def _places(node: TypeDefinitionNode | TypeExtensionNode) -> Iterator[tuple[str, _Place]]:
    name = node.name.value
    if isinstance(node, (ObjectTypeDefinitionNode, ScalarTypeDefinitionNode, EnumTypeDefinitionNode)):
        yield name, node
    if isinstance(node, InputObjectTypeDefinitionNode):
        yield from ((f"{name}.{each.name.value}", each) for each in node.fields or ())
    if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        for each in node.fields or ():
            coordinate = f"{name}.{each.name.value}"
            yield coordinate, each
            yield from ((f"{coordinate}({argument.name.value}:)", argument) for argument in each.arguments or ())


def _applications(directives: tuple[ConstDirectiveNode, ...] | None, name: str) -> Iterator[Mapping[str, Any]]:
    for application in directives or ():
        if application.name.value == name:
            yield {each.name.value: value_from_ast_untyped(each.value) for each in application.arguments or ()}


def _weight(value: object) -> float:
    """Federation writes a whole number, IBM's specification a number in a string."""
    try:
        return float(value)  # type: ignore[arg-type]  # whatever stands there
    except (TypeError, ValueError):
        return 1.0


def _list_size(arguments: Mapping[str, Any], place: FieldDefinitionNode) -> ListSize:
    slicing = _texts(arguments.get("slicingArguments"))
    assumed = arguments.get("assumedSize")
    return ListSize(
        assumed_size=assumed if isinstance(assumed, int) else None,
        slicing_arguments=slicing,
        sized_fields=_texts(arguments.get("sizedFields")),
        require_one_slicing_argument=bool(slicing) and arguments.get("requireOneSlicingArgument") is not False,
        defaults={
            each.name.value: value_from_ast_untyped(each.default_value)
            for each in place.arguments or ()
            if each.name.value in slicing and each.default_value is not None
        },
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
