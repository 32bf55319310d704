"""
What is known of Strawberry: how it resolves a field, tells an object's type and writes a scalar.

Whatever is not exactly as it is here is not guessed at: a field is then resolved by the function that Strawberry made
for it, an object's type is not known, a scalar is written by its own function. `test_reliance.py` says when a new
version of Strawberry or graphql-core changes something of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, EnumType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLString,
    GraphQLUnionType,
    is_enum_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

from subgraphs.shared.graphql.guarded import Guarded
from subgraphs.shared.graphql.scalars import DATE, DATE_TIME, DECIMAL

DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
"""Under this name a type or field of graphql-core's has Strawberry's."""

CAST = TYPE_CAST_ATTRIBUTE
"""Where `strawberry.cast` notes what type an object is meant to be of."""

ATTRIBUTE = "GraphQLCoreConverter.from_resolver.<locals>._get_basic_result"
RESOLVERS = (
    "GraphQLCoreConverter.from_resolver.<locals>._resolver",
    "GraphQLCoreConverter.from_resolver.<locals>._async_resolver",
)
"""The functions that Strawberry makes for fields."""


@dataclass(frozen=True, slots=True)
class HowResolved:
    """How a field comes to its value: by an attribute, the author's function, or else by Strawberry's."""

    field: StrawberryField
    attribute: str | None = None
    function: Callable[..., Any] | None = None
    """The author's. With neither it nor an attribute, the field's own `resolve` is called."""
    waits: bool = False
    """Whether the author's function is a coroutine function."""
    guards: tuple[Guarded, ...] = ()
    """What stands before the attribute or the author's function, the outermost first."""

    @property
    def is_strawberrys(self) -> bool:
        """Whether it takes the function that Strawberry made, which may wait."""
        return self.attribute is None and self.function is None

    @property
    def check_arguments(self) -> tuple[Callable[[Mapping[str, Any]], object], ...]:
        return tuple(guard.of_arguments for guard in self.guards if guard.of_arguments is not None)


def how_resolved(definition: GraphQLField) -> HowResolved | None:
    """How *definition*, a field of a Strawberry type, is resolved; None where it is none."""
    field = definition.extensions.get(DEFINITION)
    if not isinstance(field, StrawberryField):
        return None
    resolve, guards = definition.resolve, []
    while isinstance(resolve, Guarded):
        guards.append(resolve)
        resolve = resolve.resolve
    made_as = getattr(resolve, "__qualname__", "") if _is_strawberrys(resolve) else ""
    own = type(field).get_result is StrawberryField.get_result
    if made_as == ATTRIBUTE and own and field.default_resolver is getattr and field.python_name.isidentifier():
        return HowResolved(field, attribute=field.python_name, guards=(*guards,))
    if made_as in RESOLVERS and own and field.base_resolver and not field.extensions:
        resolver = field.base_resolver
        return HowResolved(
            field,
            function=resolver.wrapped_func,  # type: ignore[arg-type]  # bound by the time a schema is made
            waits=made_as == RESOLVERS[1] and resolver.is_async,
            guards=(*guards,),
        )
    return HowResolved(field)


def _is_strawberrys(resolve: Any) -> bool:
    return getattr(resolve, "__module__", None) == GraphQLCoreConverter.__module__


def class_of(type_: GraphQLObjectType) -> type | None:
    """The class whose very instances are of *type_*; None where something else tells that."""
    definition = type_.extensions.get(DEFINITION)
    if definition is None or definition.is_type_of is not None or definition.concrete_of is not None:
        return None
    origin = definition.origin
    return origin if getattr(origin, "__strawberry_definition__", None) is definition else None


def class_of_possible(type_: GraphQLObjectType, abstract: GraphQLInterfaceType | GraphQLUnionType) -> type | None:
    """As `class_of`, where an object of *abstract* is expected."""
    origin = class_of(type_)
    if isinstance(abstract, GraphQLInterfaceType):
        definition = abstract.extensions.get(DEFINITION)
        if definition is None or definition.resolve_type is not None:
            return None
        return origin if origin is not None and issubclass(origin, definition.origin) else None
    return origin


@dataclass(frozen=True, slots=True)
class Leaf:
    """How values of a scalar or enumeration are written: those of one class by literal code."""

    kind: type | None = None
    test: str = ""
    """What must hold beside the class; `{v}` is the value."""
    text: str = "{v}"
    uses: Any = None
    """What test or text name as `{uses}`; of an enumeration the names in the graph by those of the class's members."""


_WRITTEN: Mapping[Any, Leaf] = {
    GraphQLString.coerce_output_value: Leaf(str),
    GraphQLID.coerce_output_value: Leaf(str),
    GraphQLBoolean.coerce_output_value: Leaf(bool),
    GraphQLInt.coerce_output_value: Leaf(int, " and -2147483648 <= {v} <= 2147483647"),
    DECIMAL.serialize: Leaf(Decimal, text='format({v}, "f")'),
    DATE.serialize: Leaf(date, text="{v}.isoformat()"),
    DATE_TIME.serialize: Leaf(
        datetime, " and {v}.tzinfo is {uses}", '{v}.isoformat(timespec="milliseconds")[:-6] + "Z"', uses=UTC
    ),
}
"""By the function that would write the value."""


def leaf_of(type_: Any) -> Leaf:
    """How values of *type_* are written; a leaf without `kind` has no literal code."""
    if is_enum_type(type_):
        return _enumeration(type_)
    return _WRITTEN.get(type_.coerce_output_value, Leaf())


def _enumeration(type_: GraphQLEnumType) -> Leaf:
    members = getattr(type_, "wrapped_cls", None)
    if not isinstance(members, EnumType):
        return Leaf()
    names: dict[str, str] = {}
    by_name: Mapping[str, Enum] = members.__members__
    for member in by_name.values():
        try:
            names[member.name] = type_.coerce_output_value(member)
        except Exception:  # noqa: BLE001, S112  # it has no name in the graph, and is written by nobody
            continue
    return Leaf(members, text="{uses}[{v}._name_]", uses=names)
