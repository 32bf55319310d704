"""
Where a failing part may put null, so that it costs its own fields and no neighbour's.

Null in a place that must not be null takes the object around it away. So whatever another subgraph fills, or stands
beside what another fills, is nullable. Exactly these may be non-null:
 - of the root, Federation's own `_service` and `_entities`, and the one field of a subscription;
 - of another domain's entity, its key;
 - what a domain fills by itself, in types of its own.
"""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
)
from strawberry.federation.schema_directives import External

from tests.conventions.test_schemas import DOMAINS, core_schema

FEDERATIONS_OWN = {"_service", "_entities"}
SCHEMAS: dict[str, GraphQLSchema] = {domain: core_schema(domain) for domain in DOMAINS}
KEY = "id"


def entities(domain: str) -> dict[str, GraphQLObjectType]:
    union = SCHEMAS[domain].type_map.get("_Entity")
    return {member.name: member for member in union.types} if isinstance(union, GraphQLUnionType) else {}


def is_promised(name: str, field: GraphQLField) -> bool:
    """Whether it is non-null and more than a key, or than what another domain gives."""
    directives = field.extensions["strawberry-definition"].directives
    is_external = any(isinstance(each, External) for each in directives)
    return name != KEY and not is_external and isinstance(field.type, GraphQLNonNull)


def owner_of(type_name: str) -> str | None:
    """The domain that promises more of an entity than its key; the others only know that it exists."""
    owners = [
        domain
        for domain in DOMAINS
        if (type_ := entities(domain).get(type_name)) is not None
        and any(is_promised(name, field) for name, field in type_.fields.items())
    ]
    assert len(owners) <= 1, f"{type_name} has more than one domain that promises something of it: {owners}"
    return owners[0] if owners else None


def fields_of(domain: str) -> Iterator[tuple[GraphQLObjectType | GraphQLInterfaceType, str, GraphQLField]]:
    for type_ in SCHEMAS[domain].type_map.values():
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) and not type_.name.startswith("_"):
            for name, field in type_.fields.items():
                yield type_, name, field


def leads_to_another_domain(domain: str, field: GraphQLField) -> bool:
    named = get_named_type(field.type)
    is_abstract = isinstance(named, (GraphQLUnionType, GraphQLInterfaceType))
    possible = SCHEMAS[domain].get_possible_types(named) if is_abstract else (named,)
    return any(owner_of(each.name) not in {None, domain} for each in possible)


@pytest.mark.parametrize("domain", DOMAINS)
def test_root_fields_of_queries_and_mutations_are_nullable(domain: str) -> None:
    schema = SCHEMAS[domain]
    promised = {
        name
        for root in (schema.query_type, schema.mutation_type)
        for name, field in (root.fields if root else {}).items()
        if isinstance(field.type, GraphQLNonNull)
    }
    assert promised == FEDERATIONS_OWN


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_a_domain_adds_to_anothers_entity_is_nullable(domain: str) -> None:
    promised = [
        f"{type_.name}.{name}"
        for type_ in entities(domain).values()
        if owner_of(type_.name) not in {None, domain}
        for name, field in type_.fields.items()
        if is_promised(name, field)
    ]
    assert promised == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_leads_to_anothers_entity_is_nullable_in_lists_item_by_item(domain: str) -> None:
    promised = []
    for type_, name, field in fields_of(domain):
        if leads_to_another_domain(domain, field):
            inner = get_nullable_type(field.type)
            type_there = inner.of_type if isinstance(inner, GraphQLList) else field.type
            if isinstance(type_there, GraphQLNonNull):
                promised.append(f"{type_.name}.{name}: {field.type}")
    assert promised == []
