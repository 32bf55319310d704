"""
A supergraph: every type of every subgraph in one schema, with notes on who has what.

Composition writes the notes as `@join__…` directives. They are read once, into these records; the planner's graph and
the schema for clients are both made from them. Subgraphs are called by their *name* everywhere (`accounts`), never by
the enum value that stands for them in the file (`ACCOUNTS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from graphql import GraphQLSchema

from trevo.door.cost import CostRules
from trevo.supergraph.authorization import AuthorizationRules
from trevo.supergraph.cache_control import CacheRules
from trevo.supergraph.cache_tags import CacheTag

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class TypeReference:
    """The type of a field or argument as it is written: `[User!]!`."""

    text: str
    name: str
    """The innermost named type."""
    list_depth: int
    """How many lists are around it."""


@dataclass(frozen=True, slots=True)
class JoinType:
    """A type's presence in one subgraph (`@join__type`), with at most one of its keys there."""

    subgraph: str
    key: str | None = None
    resolvable: bool = True
    """False: the key can be read here, but nobody may enter with it."""
    is_interface_object: bool = False
    """An interface elsewhere, an object here (`@interfaceObject`)."""


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that clients do not give: an object above the field's says what it is (`@fromContext`)."""

    name: str
    type: TypeReference
    context: str
    """Whoever sets it, of the types above, and stands nearest: `prices__locale`, with the name of the subgraph."""
    selection: str
    """What is read of that object, as a field set: `user { locale }`, or in fragments by type."""


@dataclass(frozen=True, slots=True)
class JoinField:
    """What one subgraph says of a field (`@join__field`)."""

    subgraph: str | None
    """None: the field comes from an `@interfaceObject` somewhere, and is none of this type's own."""
    type: TypeReference | None = None
    """As this subgraph declares it, where that differs from the supergraph."""
    external: bool = False
    requires: str | None = None
    provides: str | None = None
    override: str | None = None
    """The name of the subgraph that the field was taken from."""
    override_label: str | None = None
    """Only requests under this label take the field from its new owner. The old owner's join has it too."""
    contexts: tuple[ContextArgument, ...] = ()
    """The arguments that this subgraph takes from contexts."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object or an interface."""

    name: str
    type: TypeReference
    arguments: Mapping[str, TypeReference]
    joins: tuple[JoinField, ...]
    """Empty: every subgraph that has the type has the field."""

    def join_in(self, subgraph: str) -> JoinField | None:
        return next((join for join in self.joins if join.subgraph == subgraph), None)

    def type_in(self, subgraph: str) -> TypeReference:
        """As *subgraph* declares it, as far as composition says so."""
        join = self.join_in(subgraph)
        return join.type if join and join.type else self.type


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """An object, interface or union."""

    name: str
    kind: str
    """`object`, `interface` or `union`."""
    joins: tuple[JoinType, ...]
    fields: Mapping[str, Field]
    implements: Mapping[str, frozenset[str]]
    """The interfaces of an object (or interface), by subgraph."""
    members: Mapping[str, frozenset[str]]
    """The members of a union, by subgraph."""

    @property
    def is_abstract(self) -> bool:
        return self.kind != "object"

    @property
    def subgraphs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(join.subgraph for join in self.joins))

    def is_in(self, subgraph: str) -> bool:
        return any(join.subgraph == subgraph for join in self.joins)

    def is_interface_object_in(self, subgraph: str) -> bool:
        return any(join.subgraph == subgraph and join.is_interface_object for join in self.joins)

    def has_field_in(self, field: Field, subgraph: str) -> bool:
        """Whether *subgraph* declares *field* on this type at all, resolvable or not."""
        if field.joins:
            return field.join_in(subgraph) is not None
        return self.is_in(subgraph)


@dataclass(frozen=True, slots=True)
class Supergraph:
    """Everything the router knows of the graph. Frozen: a new file makes a new one."""

    subgraphs: Mapping[str, str]
    """Name to URL."""
    types: Mapping[str, TypeDefinition]
    """Objects, interfaces and unions, hidden ones too."""
    possible_types: Mapping[str, frozenset[str]]
    """The object types of each interface and union over all subgraphs, hidden ones too."""
    root_types: Mapping[str, str]
    """`query`, `mutation` and `subscription` to the name of their type, where there is one."""
    public_schema: GraphQLSchema
    """What clients see: nothing hidden by `@inaccessible`, nothing of the federation itself."""
    override_labels: frozenset[str] = frozenset()
    """The labels of progressive `@override`s; which are active is decided for each request."""
    contexts: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """By the name of a context: the object types that set it for what is below them."""
    cache_tags: Mapping[str, tuple[CacheTag, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By coordinate, `Type` or `Type.field`: what caches may drop answers by. Nothing here caches answers."""
    cache_rules: CacheRules = field(default_factory=CacheRules)
    """What the graph says of how long answers are good, and for whom."""
    cost_rules: CostRules = field(default_factory=CostRules)
    """What the graph says of the cost of operations."""
    authorization: AuthorizationRules = field(default_factory=AuthorizationRules)
    """What the graph says of who may ask."""
    text: str = ""
    """The file, for those who read directives of their own."""
    public_possible_types: Mapping[str, frozenset[str]] = field(init=False, compare=False)
    """Those of *possible_types* that clients can see."""
    _possible: Mapping[str, frozenset[str]] = field(init=False, compare=False, repr=False)
    """What `possible` gives, made once: every plan holds such sets, and there are many plans."""

    def __post_init__(self) -> None:
        public = self.public_schema.type_map
        seen = {name: frozenset(each for each in all_ if each in public) for name, all_ in self.possible_types.items()}
        alone = {name: frozenset((name,)) for name in self.types}
        abstract = {name: all_ for name, all_ in self.possible_types.items() if all_}
        object.__setattr__(self, "public_possible_types", MappingProxyType(seen))
        object.__setattr__(self, "_possible", MappingProxyType({**alone, **abstract}))

    def possible(self, type_name: str) -> frozenset[str]:
        """The object types that an object seen as *type_name* can be."""
        return self._possible.get(type_name) or frozenset((type_name,))

    def has_composed_type(self, interface: TypeDefinition, field: Field, subgraph: str) -> bool:
        """
        Whether *subgraph* declares *field* on *interface* with the type that `type_in` gives.

        Some composers leave the type of an interface's field out where it differs. Then it can be told from the types
        that implement the interface there: if each of them narrows the field, the interface may narrow it too.
        """
        join = field.join_in(subgraph)
        type_name = field.type.name
        if (join and join.type) or type_name not in self.types or len(interface.subgraphs) == 1:
            return True
        if not self.types[type_name].is_in(subgraph):
            return False
        implementations = [self.types[name] for name in self.possible(interface.name)]
        own = {
            each.fields[field.name].type_in(subgraph).name
            for each in implementations
            if interface.name in each.implements.get(subgraph, ()) and field.name in each.fields
        }
        return not own or type_name in own


def frozen_map(entries: dict[_K, _V]) -> Mapping[_K, _V]:
    """A read-only view; the caller gives up *entries*."""
    return MappingProxyType(entries)
