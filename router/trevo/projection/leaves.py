"""
Leaf values as the public schema allows them.

A subgraph has already serialised its values, so little is left to do: see that a built-in scalar has the JSON type the
specification gives it (3.5), and that an enum value is one the public schema shows. Custom scalars pass as they are.
"""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLScalarType

Coerce = Callable[[Any], Any]
"""Gives the value to send, or raises InvalidLeaf."""


class InvalidLeaf(Exception):
    """The value must not leave; the message says why without repeating it."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def leaf_of_enum(name: str, values: frozenset[str]) -> Coerce:
    def coerce(value: Any) -> Any:
        # A value of a subgraph that the composed schema hides (@inaccessible) is like no value.
        if isinstance(value, str) and value in values:
            return value
        raise InvalidLeaf(f"The value is not one of the enum {name}.", "INVALID_ENUM_VALUE")

    return coerce


def leaf_of_scalar(scalar: GraphQLScalarType) -> tuple[type | None, Coerce]:
    """The Python type that needs no further look, and what to do with any other value."""
    return _BUILT_IN.get(scalar.name, (None, lambda value: value))


def _invalid(name: str) -> InvalidLeaf:
    return InvalidLeaf(f"The value is not a valid {name}.", "INVALID_VALUE")


def _string(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise _invalid("String")


def _id(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _invalid("ID")


def _int(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31:
        return value
    raise _invalid("Int")


def _float(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise _invalid("Float")


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    raise _invalid("Boolean")


_BUILT_IN: dict[str, tuple[type | None, Coerce]] = {
    "String": (str, _string),
    "ID": (str, _id),
    # Not `int`: the range of 32 bits has to be looked at.
    "Int": (None, _int),
    "Float": (float, _float),
    "Boolean": (bool, _boolean),
}
