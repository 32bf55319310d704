"""Questions made from the schemas: of each entity, field and root field the least that shows whether it answers."""

import uuid
from importlib import import_module
from typing import Any

from graphql import (
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

ARGUMENTS = {"incomeStatement": "(year: 2026)"}

VALUES = {"ID": f'"{uuid.UUID(int=1)}"', "Int": "1", "Boolean": "true", "Decimal": '"100.00"', "Date": '"2026-01-01"'}


def schema_of(domain: str) -> Any:
    return import_module(f"subgraphs.{domain}.api.schema").schema


def fields_of(domain: str, typename: str) -> dict[str, Any]:
    entity = schema_of(domain)._schema.type_map[typename]  # Strawberry keeps the graphql-core schema there
    assert isinstance(entity, GraphQLObjectType)
    return entity.fields


def selection_of(type_: Any) -> str:
    """The shortest selection that shows whether there is something; pages show whether they are empty."""
    named = get_named_type(type_)
    if named.name == "StaffLookPage":
        return " { pageInfo { hasNextPage } }"  # whether staff have looked by now is chance
    if is_leaf_type(named):
        return ""
    return " { nodes { __typename } }" if "nodes" in getattr(named, "fields", {}) else " { __typename }"


def seen_of(entity: dict[str, Any] | None) -> frozenset[str] | None:
    if entity is None:
        return None
    return frozenset(name for name, value in entity.items() if value is not None and value != {"nodes": []})


def literal_of(type_: Any) -> str:
    """Some value of an input type, with no more in it than has to be."""
    if is_list_type(nullable := get_nullable_type(type_)):
        return f"[{literal_of(nullable.of_type)}]"
    if is_enum_type(nullable):
        return str(next(iter(nullable.values)))
    if is_input_object_type(nullable):
        members = ((name, field.type) for name, field in nullable.fields.items() if is_required_input_field(field))
        return f"{{{', '.join(f'{name}: {literal_of(member)}' for name, member in members)}}}"
    return VALUES.get(nullable.name, '"anything"')


def call_of(root: str, name: str, field: Any) -> str:
    """An operation that selects the root field *name* and passes validation."""
    required = {key: argument.type for key, argument in field.args.items() if is_required_argument(argument)}
    arguments = ", ".join(f"{key}: {literal_of(type_)}" for key, type_ in required.items())
    return f"{root} {{ {name}{f'({arguments})' if arguments else ''}{selection_of(field.type)} }}"


def root_fields(domain: str) -> dict[str, str]:
    """The calls of every root field of *domain*, by name."""
    core = schema_of(domain)._schema  # Strawberry keeps the graphql-core schema there
    calls: dict[str, str] = {}
    for root, type_ in (("query", core.query_type), ("mutation", core.mutation_type)):
        fields = type_.fields if type_ else {}
        calls |= {name: call_of(root, name, field) for name, field in fields.items() if not name.startswith("_")}
    return calls
