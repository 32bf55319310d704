"""
Texts in arguments that no database can hold are the client's error, told before anything is done.

PostgreSQL stores no NUL, and half of a surrogate pair is no character that could be encoded. JSON can carry both, and
so can a string in a document. Whoever sends one hears it for that field; the others are answered.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema

from subgraphs.shared.graphql.guarded import Guarded

ENTITIES = "_entities"
"""Looks at its representations one by one, and answers each in its own place."""


def is_storable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def refuse_unstorable_texts(schema: GraphQLSchema) -> None:
    """Have every field of *schema* that takes arguments look at the texts in them first."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, definition in type_.fields.items():
                if definition.args and name != ENTITIES:
                    definition.resolve = _checked(definition.resolve)
                    definition.subscribe = _checked(definition.subscribe)


def _checked(resolve: Callable[..., Any] | None) -> Callable[..., Any] | None:
    return None if resolve is None else Guarded(resolve, of_arguments=_refuse_unstorable)


def _refuse_unstorable(arguments: Mapping[str, Any]) -> None:
    for name, value in arguments.items():
        if not _holds_only_storable(value):
            raise GraphQLError(
                f"'{name}' has a character that cannot be stored (NUL, or half of a surrogate pair).",
                extensions={"code": "BAD_USER_INPUT"},
            )


def _holds_only_storable(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, dict):
        return all(_holds_only_storable(member) for member in value.values())
    if isinstance(value, list):
        return all(_holds_only_storable(member) for member in value)
    return True
