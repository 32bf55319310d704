"""
Our `_entities`: the door through which the router asks for objects of this subgraph by their keys.

Strawberry's own door lets one bad representation spoil the whole answer, hands over raw wire values, and asks for
objects one by one. This one
 - coerces every value by the entity's GraphQL type,
 - answers a bad representation with an error in its own place and leaves the others alone,
 - asks each entity type once for all its keys: `resolve_references(info, references)`,
 - bounds how many may be asked for at once.

Authorisation belongs to `resolve_references`: what is not the asker's to see is absent (None).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import strawberry
from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    parse,
)
from strawberry.federation.schema import FederationAny

from subgraphs.shared.graphql.arguments import is_storable
from subgraphs.shared.graphql.context import Context, Info
from subgraphs.shared.graphql.scalars import require_id
from trevo.door.cost import CostRules, ListSize, read_cost_rules


class BadRepresentation(GraphQLError):
    """A representation that cannot be understood; the message says which part."""

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": "BAD_REPRESENTATION"})


@dataclass(frozen=True)
class Reference:
    """One entity asked for: its key and required fields, coerced, under their GraphQL names."""

    typename: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """The `id` key; the nil UUID, which nothing has, when it is no UUID."""
        return require_id(self.values.get("id"))


def _coerce(value: Any, type_: Any, where: str) -> Any:
    nullable = get_nullable_type(type_)
    if value is None:
        if isinstance(type_, GraphQLNonNull):
            raise BadRepresentation(f"{where} must not be null")
        return None
    if isinstance(nullable, GraphQLList):
        if not isinstance(value, list):
            raise BadRepresentation(f"{where} must be a list")
        return [_coerce(item, nullable.of_type, f"{where}.{i}") for i, item in enumerate(value)]
    named = get_named_type(type_)
    if isinstance(named, GraphQLObjectType):
        if not isinstance(value, Mapping):
            raise BadRepresentation(f"{where} must be an object")
        return {name: _coerce_member(named, name, item, where) for name, item in value.items() if name != "__typename"}
    if isinstance(named, GraphQLScalarType):
        if isinstance(value, str) and not is_storable(value):
            raise BadRepresentation(f"{where} has a character that cannot be stored")
        try:
            return named.parse_value(value)
        except Exception:  # noqa: BLE001  # a scalar may reject a value with any exception
            raise BadRepresentation(f"{where} is not a valid {named.name}") from None
    return value


def _coerce_member(type_: GraphQLObjectType, name: str, value: Any, where: str) -> Any:
    definition = type_.fields.get(name)
    if definition is None:
        raise BadRepresentation(f"{where} has no field {name} here")
    return _coerce(value, definition.type, f"{where}.{name}")


def _reference(schema: Any, entity_types: Mapping[str, type], representation: Any) -> Reference:
    if not isinstance(representation, Mapping) or not isinstance(representation.get("__typename"), str):
        raise BadRepresentation("a representation must be an object with a __typename")
    typename = representation["__typename"]
    if typename not in entity_types:
        raise BadRepresentation(f"{typename} is not an entity of this subgraph")
    values = _coerce(representation, schema._schema.type_map[typename], typename)  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
    if not values:
        raise BadRepresentation(f"a representation of {typename} needs its key")
    return Reference(typename, values)


async def _resolve_type(entity: Any, info: Info, places: list[tuple[int, Reference]], results: list[Any]) -> None:
    """Fill the *places* of one entity type with its objects, or with the error that befell the look-up."""
    found: Sequence[Any]
    try:
        found = await entity.resolve_references(info, [reference for _, reference in places])
        if len(found) != len(places):
            raise RuntimeError(f"{entity.__name__}.resolve_references answered {len(found)} of {len(places)}")
    except Exception as error:  # noqa: BLE001  # one type's failure must not spoil the others; masking follows
        found = [error] * len(places)
    for (index, _), result in zip(places, found, strict=True):
        results[index] = result


class FederatedSchema(strawberry.federation.Schema):
    """A subgraph schema with the `_entities` described above."""

    money_leaves_by: frozenset[str] = frozenset()
    """Mutations that go on only in good standing; see `make_schema`."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing: faults are logged where they are masked, and what a client did wrong is no error of ours."""

    def entities_resolver(self, info: strawberry.Info, representations: list[FederationAny]) -> Any:
        return self._entities(info, representations)

    async def _entities(self, info: Info, representations: list[Any]) -> list[Any]:
        return await self.look_up(info, self.read_references(info.context, representations))

    def read_references(self, context: Context, representations: list[Any]) -> list[Reference | BadRepresentation]:
        """
        What each of *representations* asks for, in their order; or what is wrong with it.

        Raises Forbidden, and GraphQLError where they are too many.
        """
        if not context.is_anonymous:  # who is nobody finds everything absent
            context.require(*context.entity_scopes)
        most = context.representations_max
        if len(representations) > most:
            raise GraphQLError(
                f"At most {most} entities can be asked for at once.",
                extensions={"code": "TOO_MANY_REPRESENTATIONS"},
            )
        references: list[Reference | BadRepresentation] = []
        for representation in representations:
            try:
                references.append(_reference(self, self._entity_types, representation))
            except BadRepresentation as error:
                references.append(error)
        return references

    async def look_up(self, info: Info, references: Sequence[Reference | BadRepresentation]) -> list[Any]:
        """The object of each reference, in their order: None where it is absent, an error where one belongs."""
        results: list[Any] = [None] * len(references)
        by_type: dict[str, list[tuple[int, Reference]]] = {}
        for index, reference in enumerate(references):
            if isinstance(reference, Reference):
                by_type.setdefault(reference.typename, []).append((index, reference))
            else:
                results[index] = reference
        looks = [_resolve_type(self._entity_types[name], info, places, results) for name, places in by_type.items()]
        if len(looks) == 1:
            await looks[0]  # nearly always: spared a task and a turn of the event loop
        else:
            await asyncio.gather(*looks)
        return results

    @cached_property
    def cost_rules(self) -> CostRules:
        """What this schema says of cost. It says how long a list of entities is by their representations."""
        rules = read_cost_rules(parse(self.as_str()))
        entities = ListSize(slicing_arguments=("representations",))
        return replace(rules, list_sizes={**rules.list_sizes, "Query._entities": entities})

    @cached_property
    def _entity_types(self) -> dict[str, type]:
        """GraphQL name → Python class, for every type that can be asked for by key."""
        return {
            name: origin
            for name, concrete in self.schema_converter.type_map.items()
            if (origin := getattr(concrete.definition, "origin", None)) is not None
            and hasattr(origin, "resolve_references")
        }
