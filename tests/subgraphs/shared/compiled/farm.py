"""
A subgraph with everything that Strawberry knows, whose data follow from a seed alone.

Each object has a seed. What its fields come to is drawn by that seed, the field's name and its arguments, so that two
executions see the same. Of *faults* in a thousand draws, what comes is not what the field's type promises.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission

from subgraphs.shared import refusal
from subgraphs.shared.clock import BRASILIA, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.context import Context, Info
from subgraphs.shared.graphql.entities import FederatedSchema, Reference
from subgraphs.shared.graphql.refusals import in_graph, type_of
from subgraphs.shared.graphql.schema import make_schema
from subgraphs.shared.identity import ANONYMOUS

FAULT = object()


@dataclass
class World:
    """What resolvers draw from; the context's `services`."""

    faults: int = 0
    """Of a thousand draws."""
    draws: int = 0
    loads: int = 0


def random_of(*seed: object) -> random.Random:
    return random.Random(repr(seed))  # nothing secret


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = strawberry.enum_value("green", name="GREENISH")
    ALSO_RED = "red"  # noqa: PIE796  # an alias of the same member


@strawberry.enum
class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


Backwards = strawberry.scalar(str, name="Backwards", serialize=lambda value: value[::-1], parse_value=lambda v: v[::-1])


class Text(str):
    __slots__ = ()


class Spoiled(Exception):
    name = "spoiled"


def spoil(draw: random.Random) -> Any:
    """Something that no field expects."""
    return draw.choice(
        [None, Spoiled("as a value"), "text", 7, 2**40, 1.5, float("nan"), [], [None], {}, object(), True]
    )


def scalar(world: World, kind: str, *seed: object) -> Any:
    """A value of *kind*; a fault now and then."""
    draw = random_of(kind, *seed)
    world.draws += 1
    if draw.randrange(1000) < world.faults:
        return spoil(draw)
    return VALUES[kind](draw)


VALUES: dict[str, Any] = {
    "text": lambda draw: draw.choice(["", "corn", "ação", Text("subclass"), Size.LARGE]),
    "id": lambda draw: draw.choice(["1", "a-b", 12]),
    "whole": lambda draw: draw.choice([0, -1, 2**31 - 1, True, 3.0, "12"]),
    "number": lambda draw: draw.choice([0.5, -2.25, 3, Decimal("1.25")]),
    "truth": lambda draw: draw.choice([True, False, 1]),
    "decimal": lambda draw: draw.choice([Decimal("1.50"), Decimal("1E+3"), Decimal(0)]),
    "day": lambda draw: draw.choice([date(2026, 1, 2), date(1999, 12, 31)]),
    "instant": lambda draw: draw.choice(
        [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=BRASILIA)]
    ),
    "colour": lambda draw: draw.choice([*Colour, "red"]),
    "size": lambda draw: draw.choice([*Size]),
    "backwards": lambda draw: draw.choice(["abc", "x"]),
}


def maybe(value: Any, *seed: object) -> Any:
    return None if random_of("maybe", *seed).random() < 0.3 else value


def several(make: Any, *seed: object) -> Any:
    draw = random_of("several", *seed)
    made = [make(number) for number in range(draw.choice([0, 1, 2, 3]))]
    return draw.choice([list, tuple])(made)


def trouble(info: Info, *seed: object) -> None:
    """Raise, now and then."""
    world: World = info.context.services
    draw = random_of("trouble", *seed)
    if draw.randrange(1000) < world.faults:
        raise draw.choice([Spoiled("raised"), GraphQLError("said", extensions={"code": "SAID"}), TypeError("odd")])


async def load_names(context: Context, keys: list[Any]) -> list[Any]:
    context.services.loads += 1
    await asyncio.sleep(0)
    return [scalar(context.services, "text", "loaded", key) for key in keys]


class Allowed(BasePermission):
    message = "not allowed"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        return random_of("allowed", getattr(source, "seed", 0)).randrange(1000) >= info.context.services.faults


class AsksElsewhere(BasePermission):
    message = "not allowed there"

    async def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        await asyncio.sleep(0)
        return random_of("elsewhere", getattr(source, "seed", 0)).randrange(1000) >= info.context.services.faults


class Louder(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        return f"{next_(source, info, **arguments)}!"


@strawberry.input
class Where:
    words: list[str] | None = None
    colour: Colour = Colour.RED
    least: Decimal | None = strawberry.UNSET
    inner: "Where | None" = None
    mirrored: Backwards | None = None


def as_said(value: Any) -> str:
    """Arguments, as one can tell them apart."""
    return repr(value)


@strawberry.interface
class Living:
    id: strawberry.ID
    name: str | None

    @strawberry.field
    def legs(self, twice: bool = False) -> int:
        return 8 if twice else 4


@strawberry.type
class Dog(Living):
    seed: strawberry.Private[Any]
    world: strawberry.Private[World]
    barks: bool

    @classmethod
    def of(cls, world: World, *seed: object) -> "Dog":
        return cls(
            id=scalar(world, "id", "dog", seed),
            name=maybe(scalar(world, "text", "dog", seed), seed),
            seed=seed,
            world=world,
            barks=scalar(world, "truth", "dog", seed),
        )

    @strawberry.field
    async def friend(self, info: Info) -> "Dog | None":
        trouble(info, "friend", self.seed)
        await asyncio.sleep(0)
        return maybe(Dog.of(self.world, "friend", self.seed), "friend", self.seed)


class Puppy(Dog):
    """No type of the graph."""


@strawberry.type
class Cat(Living):
    seed: strawberry.Private[Any]
    world: strawberry.Private[World]
    lives: int

    @classmethod
    def of(cls, world: World, *seed: object) -> "Cat":
        return cls(
            id=scalar(world, "id", "cat", seed),
            name=maybe("Tom", seed),
            seed=seed,
            world=world,
            lives=scalar(world, "whole", "cat", seed),
        )


@strawberry.type
class Stone:
    weight: Decimal


Found = Annotated[Dog | Cat | Stone, strawberry.union("Found")]
Outcome = Annotated[Stone | type_of(refusal.InvalidInput), strawberry.union("Outcome")]


def living(world: World, *seed: object) -> Any:
    draw = random_of("living", *seed)
    if draw.randrange(1000) < world.faults:
        return draw.choice([None, Spoiled("no animal"), Stone(weight=Decimal(1)), Puppy.of(world, seed), "dog"])
    return draw.choice([Dog, Cat]).of(world, *seed)


def found(world: World, *seed: object) -> Any:
    draw = random_of("found", *seed)
    if draw.random() < 0.3:
        return Stone(weight=scalar(world, "decimal", seed))
    return living(world, *seed)


@strawberry.federation.type(keys=["id"])
class Field:
    id: strawberry.ID
    seed: strawberry.Private[Any]
    world: strawberry.Private[World]
    text: str
    text_or_null: str | None
    whole: int
    whole_or_null: int | None
    number: float | None
    truth: bool
    decimal: Decimal
    decimal_or_null: Decimal | None
    day: date | None
    instant: datetime
    colour: Colour
    size: Size | None
    backwards: Backwards
    texts: list[str]
    colours_or_null: list[Colour | None] | None
    table: list[list[int]]
    ragged: list[list[Decimal | None] | None]

    @classmethod
    def of(cls, world: World, *seed: object) -> "Field":
        def one(kind: str, *more: object) -> Any:
            return scalar(world, kind, "field", seed, more)

        return cls(
            id=one("id"),
            seed=seed,
            world=world,
            text=one("text"),
            text_or_null=maybe(one("text", 2), seed, 2),
            whole=one("whole"),
            whole_or_null=maybe(one("whole", 2), seed, 3),
            number=maybe(one("number"), seed, 4),
            truth=one("truth"),
            decimal=one("decimal"),
            decimal_or_null=maybe(one("decimal", 2), seed, 5),
            day=maybe(one("day"), seed, 6),
            instant=one("instant"),
            colour=one("colour"),
            size=maybe(one("size"), seed, 7),
            backwards=one("backwards"),
            texts=several(lambda n: one("text", "texts", n), seed, 8),
            colours_or_null=maybe(several(lambda n: maybe(one("colour", n), seed, n), seed, 9), seed, 9),
            table=several(lambda n: several(lambda m: one("whole", n, m), seed, n), seed, 10),
            ragged=several(
                lambda n: maybe(several(lambda m: maybe(one("decimal", n, m), seed, m), seed, n, "r"), seed, n),
                seed,
                11,
            ),
        )

    @strawberry.field
    def said(  # noqa: PLR0917  # one of each kind
        self,
        info: Info,
        text: str = "none",
        where: Where | None = None,
        colours: list[Colour] | None = None,
        at: datetime | None = None,
        count: int | None = strawberry.UNSET,
    ) -> str:
        trouble(info, "said", self.seed, text)
        words = where.words if where is not None else None
        if words is not None:
            words.append("seen")  # its own alone
        return as_said(
            (text, where, colours, at, count, info.field_name, sorted(info.variable_values), info.selected_fields)
        )

    @strawberry.field
    def neighbour(self, info: Info) -> "Field":
        trouble(info, "neighbour", self.seed)
        return Field.of(self.world, "neighbour", self.seed)

    @strawberry.field
    async def owner(self, info: Info) -> str:
        trouble(info, "owner", self.seed)
        return await info.context.loader(load_names).load(repr(self.seed))

    @strawberry.field
    async def parts(self, info: Info, first: int = 2) -> list["Field"]:
        trouble(info, "parts", self.seed)
        await info.context.loader(load_names).load(("parts", self.seed))
        return [Field.of(self.world, "parts", n, self.seed) for n in range(min(first, 3))]

    @strawberry.field
    async def parts_or_null(self, info: Info) -> list["Field | None"] | None:
        trouble(info, "parts_or_null", self.seed)
        made = several(lambda n: maybe(Field.of(self.world, "pon", n, self.seed), self.seed, n), self.seed, "pon")
        return maybe(made, self.seed, "pon")

    @strawberry.field
    def beds(self) -> list[list["Field | None"]]:
        return [[Field.of(self.world, "bed", self.seed), None], []]

    @strawberry.field
    def lives_here(self) -> list[Living]:
        return several(lambda n: living(self.world, "here", n, self.seed), self.seed, "here")

    @strawberry.field
    async def seen_last(self) -> Living | None:
        return maybe(living(self.world, "last", self.seed), self.seed, "last")

    @strawberry.field
    def finds(self) -> list[Found | None]:
        return several(lambda n: maybe(found(self.world, n, self.seed), n, self.seed), self.seed, "finds")

    @strawberry.field(permission_classes=[Allowed])
    def guarded(self) -> int:
        return scalar(self.world, "whole", "guarded", self.seed)

    @strawberry.field(permission_classes=[AsksElsewhere])
    async def guarded_elsewhere(self) -> "Field | None":
        return maybe(Field.of(self.world, "elsewhere", self.seed), self.seed, "elsewhere")

    @strawberry.field(extensions=[Louder()])
    def loud(self, word: str = "hey") -> str:
        return word

    @strawberry.field
    def outcome(self, info: Info, fail: bool = False) -> Outcome:
        trouble(info, "outcome", self.seed)
        if fail:
            return in_graph(refusal.InvalidInput(field="fail", reason="because", reason_pt="porque"))
        return Stone(weight=scalar(self.world, "decimal", "outcome", self.seed))

    @strawberry.field
    def by_root(root: "Field") -> str:  # noqa: N805  # Strawberry gives the object by this name too
        return as_said(root.seed)

    @strawberry.field
    def by_parent(parent: strawberry.Parent["Field"]) -> int:  # noqa: N805  # as above
        return len(repr(parent.seed))

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Any]:
        trouble(info, "references", [reference.values for reference in references])
        world = info.context.services
        return [maybe(cls.of(world, "entity", str(each.values["id"])), "entity", each.values) for each in references]


@strawberry.federation.type(keys=["code"])
class Barn:
    code: strawberry.ID
    height: int | None = strawberry.federation.field(external=True, default=None)

    @strawberry.federation.field(requires=["height"])
    async def shadow(self) -> int | None:
        return None if self.height is None else self.height * 2

    @classmethod
    async def resolve_references(cls, _info: Info, references: list[Reference]) -> list[Any]:
        return [cls(code=each.values["code"], height=each.values.get("height")) for each in references]


@strawberry.type
class Query:
    @strawberry.field
    async def field(self, info: Info, id: strawberry.ID) -> Field | None:
        trouble(info, "field", id)
        return Field.of(info.context.services, "root", str(id))

    @strawberry.field
    def fields(self, info: Info, where: Where | None = None) -> list[Field]:
        return [Field.of(info.context.services, "all", as_said(where), n) for n in range(3)]

    @strawberry.field
    def anything(self, info: Info) -> Found | None:
        return found(info.context.services, "anything")

    @strawberry.field
    def closed(self) -> str:
        return "never told"


SCHEMA = make_schema(
    query=Query,
    types=[Field, Barn, Dog, Cat, Stone],
    public_fields=["field", "fields", "anything"],
    root_scopes={"closed": ()},
)


def a_context(world: World) -> Context:
    database = Database("postgresql://nobody:nothing@127.0.0.1:1/none")

    async def current() -> None:
        return None

    return Context(ANONYMOUS, database, SystemClock(), current, services=world, is_admitted=True)


async def by_graphql_core(text: str, world: World, variables: dict[str, Any], schema: FederatedSchema = SCHEMA) -> Any:
    """What graphql-core answers."""
    return await schema.execute(text, variable_values=variables, context_value=a_context(world))
