"""
Every place in the graph where a client can put a value, and what an attacker puts there.

The places are taken from the supergraph: each leaf of each argument of each root field, one at a time, with harmless
values everywhere else; so a new argument is attacked on the day it is written.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from launch.home import ROOT
from trevo.supergraph import load_supergraph

SCHEMA = load_supergraph((ROOT / "schema" / "supergraph.graphql").read_text()).public_schema

HARMLESS = {"ID": str(uuid.UUID(int=1)), "Int": 1, "Float": 1.0, "Boolean": True, "Decimal": "100.00",
            "Date": "2026-01-01", "DateTime": "2026-01-01T00:00:00Z"}  # fmt: skip

HOSTILE: dict[str, Any] = {
    "a quote": "'; DROP TABLE users; --",
    "a NUL character": "a\x00b",
    "a pattern": "%_%\\",
    "a lone surrogate": "\ud800",
    "a very long text": "x" * 60_000,
    "a path": "../../../../etc/passwd",
    "a line break": "x\r\nSet-Cookie: a=b",
    "markup": "<script>alert(1)</script>",
    "a template": "{{7*7}}${7*7}",
    "text that turns round": "\u202eabc\u0000",
    "a number beyond 64 bits": 2**80,
    "a negative number": -1,
    "the largest Int": 2**31 - 1,
    "a number that is none": "NaN",
    "an instant out of range": "+292277026596-12-04T15:30:07Z",
    "an early date": "0001-01-01",
    "nothing": None,
    "a list": [["x"]],
    "an object": {"x": {"y": 1}},
}
IN_SHORT = ("a quote", "a NUL character", "a lone surrogate", "an instant out of range", "a number beyond 64 bits")


@dataclass(frozen=True)
class Place:
    """One leaf of one argument."""

    field: str
    path: tuple[str, ...]
    document: str
    variables: dict[str, Any]

    def with_value(self, value: Any) -> dict[str, Any]:
        """The variables with *value* in this place."""
        return _replaced(self.variables, self.path, value)


def _replaced(of: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(of, list):
        return [_replaced(of[0], path, value)] if of else [value]
    return {**of, path[0]: _replaced(of.get(path[0], {}), path[1:], value)}


def places(schema: GraphQLSchema) -> Iterator[Place]:
    """Every place of every query and mutation."""
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, field in (root.fields if root else {}).items():
            yield from _places_of(kind, name, field)


def _places_of(kind: str, name: str, field: GraphQLField) -> Iterator[Place]:
    declared = ", ".join(f"${argument}: {of.type}" for argument, of in field.args.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    arguments = (f"({declared})", f"({passed})") if declared else ("", "")
    below = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    document = f"{kind}{arguments[0]} {{ {name}{arguments[1]}{below} }}"
    harmless = {key: _harmless(of.type) for key, of in field.args.items() if is_required_argument(of)}
    for argument, of in field.args.items():
        for path in _leaves(of.type, (argument,)):
            yield Place(name, path, document, harmless)


def _leaves(of: GraphQLInputType, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    named = get_named_type(of)
    if not is_input_object_type(named):
        yield path
    elif len(path) < 5:  # deeper than any input of ours; a type may contain itself
        for name, field in named.fields.items():
            yield from _leaves(field.type, (*path, name))


def _harmless(of: GraphQLInputType) -> Any:
    nullable = get_nullable_type(of)
    if is_list_type(nullable):
        return [_harmless(nullable.of_type)]
    if is_enum_type(nullable):
        return next(iter(nullable.values))
    if is_input_object_type(nullable):
        return {name: _harmless(at.type) for name, at in nullable.fields.items() if is_required_input_field(at)}
    return HARMLESS.get(nullable.name, "anything")
