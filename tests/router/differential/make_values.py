"""Draws values of any input type: as literals, with variables in them, or as the JSON of a variable."""

import random
from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)

NewVariable = Callable[[GraphQLInputType], str]
"""Gives the name of a variable of a type."""

_SCALARS: dict[str, tuple[tuple[str, Any], ...]] = {
    "Int": (("1", 1), ("2", 2), ("5", 5)),
    "Float": (("1.5", 1.5), ("2", 2), ("1", 1), ("1.0", 1.0)),
    "String": (('"w"', "w"), ('""', ""), ('"ü"', "ü")),
    "ID": (('"w"', "w"), ("7", "7")),
    "Boolean": (("true", True), ("false", False)),
}
_ANY_SCALAR = (('"w"', "w"), ("7", 7))


def make_value(drawn: random.Random, type_: GraphQLInputType, variable: NewVariable | None) -> str:
    """A value as text; without *variable*, as for a variable's default, it is a constant."""
    if variable is not None and drawn.random() < 0.4:
        return f"${variable(type_)}"
    if isinstance(type_, GraphQLNonNull):
        return _literal(drawn, type_.of_type, variable)
    return "null" if drawn.random() < 0.15 else _literal(drawn, type_, variable)


def _literal(drawn: random.Random, type_: GraphQLInputType, variable: NewVariable | None) -> str:
    if isinstance(type_, GraphQLList):
        items = [make_value(drawn, type_.of_type, variable) for _ in range(drawn.choice((0, 1, 2)))]
        # One item may stand for a list of it.
        return items[0] if len(items) == 1 and items[0][0].isdigit() else f"[{', '.join(items)}]"
    if isinstance(type_, GraphQLInputObjectType):
        members = [f"{name}: {make_value(drawn, each.type, variable)}" for name, each in _some(drawn, type_)]
        return f"{{{', '.join(members)}}}"
    if isinstance(type_, GraphQLEnumType):
        return drawn.choice(sorted(type_.values))
    return drawn.choice(_SCALARS.get(str(type_), _ANY_SCALAR))[0]


def make_json(drawn: random.Random, type_: GraphQLInputType) -> Any:
    """The value of a variable."""
    if isinstance(type_, GraphQLNonNull):
        return _json(drawn, type_.of_type)
    return None if drawn.random() < 0.15 else _json(drawn, type_)


def _json(drawn: random.Random, type_: GraphQLInputType) -> Any:
    if isinstance(type_, GraphQLList):
        items = [make_json(drawn, type_.of_type) for _ in range(drawn.choice((0, 1, 2)))]
        return items[0] if len(items) == 1 and isinstance(items[0], int) else items
    if isinstance(type_, GraphQLInputObjectType):
        return {name: make_json(drawn, each.type) for name, each in _some(drawn, type_)}
    if isinstance(type_, GraphQLEnumType):
        return drawn.choice(sorted(type_.values))
    return drawn.choice(_SCALARS.get(str(type_), _ANY_SCALAR))[1]


def _some(drawn: random.Random, type_: GraphQLInputObjectType) -> list[tuple[str, GraphQLInputField]]:
    return [(n, each) for n, each in type_.fields.items() if is_required_input_field(each) or drawn.random() < 0.5]
