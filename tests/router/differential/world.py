"""
A random schema and who has what of it: the model behind the subgraphs, the supergraph and the plain schema.

Everything else here is written from this model. `make_world` draws one; `write_sdl` prints it in three ways; `store`
gives its objects and their values.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

ROOTS = ("Query", "Mutation", "Subscription")
SCALARS = ("Int", "String", "Boolean", "Float", "ID")

_WRAPPINGS = ("{}", "{}", "{}", "{}!", "{}!", "[{}]", "[{}!]", "[{}]!", "[{}!]!", "[[{}]]", "[[{}!]!]")


def wrapped(drawn: random.Random, name: str) -> str:
    """The type *name* as it is, or in lists, with or without nulls."""
    return drawn.choice(_WRAPPINGS).format(name)


@dataclass(frozen=True)
class Taken:
    """An argument that an object above says (`@fromContext`)."""

    type: str
    context: str
    """As the supergraph calls it: `a__money`."""
    selection: str


@dataclass
class Home:
    """How one subgraph declares a field."""

    external: bool = False
    requires: str | None = None
    provides: str | None = None
    override: str | None = None
    """The subgraph it takes the field from."""
    overridden: bool = False
    """Another subgraph took the field from this one, which still declares it."""
    label: str | None = None
    """Of a progressive override, in both homes."""
    is_active: bool = True
    """Whether the override holds; one without a label always does."""
    type: str | None = None
    """Its own type, where that is stricter than the supergraph's."""
    taken: dict[str, Taken] = field(default_factory=dict)
    """The arguments that objects above say, by name."""

    @property
    def resolves(self) -> bool:
        if self.external:
            return False
        return not self.is_active if self.overridden else self.is_active


@dataclass
class Field:
    name: str
    type: str
    """In the supergraph, as text: `[T1!]!`."""
    homes: dict[str, Home] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    """With defaults: `{"n": "Int = 3"}`."""
    hidden_arguments: dict[str, str] = field(default_factory=dict)
    """The same, of those that clients do not see."""
    inaccessible: bool = False
    is_key: bool = False
    fails: bool = False
    """Its resolver fails for some objects."""
    counts: bool = False
    """Its value tells how many mutations ran before."""
    contributed_by: "Field | None" = None
    """The field of an `@interfaceObject` that this one, of an implementation, comes from."""

    @property
    def named_type(self) -> str:
        return self.type.strip("[]!")

    @property
    def resolvers(self) -> list[str]:
        """The subgraphs that resolve it."""
        return [name for name, home in self.homes.items() if home.resolves]

    @property
    def requires(self) -> str | None:
        return next((home.requires for home in self.homes.values() if home.requires), None)

    @property
    def origin(self) -> "Field":
        """The field whose homes say who resolves this one."""
        return self.contributed_by or self


@dataclass
class Key:
    fields: str
    resolvable: bool = True


@dataclass
class Type:
    """An object, interface or union."""

    name: str
    kind: str = "object"
    subgraphs: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    keys: dict[str, list[Key]] = field(default_factory=dict)
    implements: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    """Of a union or an interface, by subgraph."""
    interface_object_in: list[str] = field(default_factory=list)
    """Subgraphs that see this interface as an object."""
    may_miss: list[str] = field(default_factory=list)
    """Subgraphs that do not have some of the objects: `_entities` gives null for them."""
    null_key: str | None = None
    """A key field that some objects have no value for; the subgraphs of `may_miss` miss them."""
    inaccessible: bool = False
    sets: list[str] = field(default_factory=list)
    """The contexts that its objects set for what is below them."""
    is_split: bool = False
    """A value type whose fields are spread over subgraphs; only entities, and interfaces of these, return it."""

    def is_entity(self) -> bool:
        return bool(self.keys)

    def add(self, made: Field) -> Field:
        self.fields[made.name] = made
        return made

    def can_be_entered_in(self, subgraph: str) -> bool:
        return any(key.resolvable for key in self.keys.get(subgraph, ()))


@dataclass
class Enum:
    name: str
    values: list[str]
    hidden: list[str]


@dataclass
class Input:
    name: str
    fields: dict[str, str]


@dataclass
class World:
    seed: int
    subgraphs: list[str]
    types: dict[str, Type] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    scalars: list[str] = field(default_factory=lambda: list(SCALARS))
    """Custom ones too; their values may be anything."""

    def add(self, made: Type) -> Type:
        self.types[made.name] = made
        return made

    def is_leaf(self, each: Field) -> bool:
        return each.named_type in self.scalars or each.named_type in self.enums

    def entities(self) -> list[Type]:
        return [each for each in self.types.values() if each.kind == "object" and each.is_entity()]

    def members(self, name: str, subgraph: str) -> list[str]:
        """The object types that *subgraph* may return where the type *name* is declared."""
        definition = self.types[name]
        if definition.kind == "object":
            return [name]
        if subgraph in definition.interface_object_in:
            return self.possible(name)
        return definition.members.get(subgraph, [])

    def possible(self, name: str) -> list[str]:
        """The object types that the supergraph allows where *name* is declared."""
        definition = self.types[name]
        if definition.kind == "object":
            return [name]
        return sorted({member for members in definition.members.values() for member in members})

    def active_labels(self) -> frozenset[str]:
        """The labels of progressive overrides that hold in this world."""
        homes = (home for _, each in self.all_fields() for home in each.homes.values())
        return frozenset(home.label for home in homes if home.label and home.is_active)

    def all_fields(self) -> Iterator[tuple[Type, Field]]:
        for definition in self.types.values():
            for each in definition.fields.values():
                yield definition, each
