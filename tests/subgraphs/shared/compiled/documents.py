"""Random documents over a schema: every kind of selection, argument and condition."""

from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

REPRESENTATIONS = [
    *({"__typename": "Field", "id": id_} for id_ in ("1", "2", "3")),
    *({"__typename": "Barn", "code": code} for code in ("a", "b")),
    *({"__typename": "Barn", "code": "c", "height": height} for height in (None, 3)),
]
BAD_REPRESENTATIONS: list[Any] = [
    {"__typename": "Nothing"},
    {"__typename": "Field"},
    {"id": "1"},
    7,
    {"__typename": "Barn", "code": "c", "height": "x"},
]

ROOTS = ["field", "fields", "anything", "_entities"]

LITERALS: dict[str, list[tuple[str, Any]]] = {
    "String": [('"a"', "a"), ('"ação $x"', "ação $x")],
    "ID": [('"1"', "1"), ("2", 2)],
    "Int": [("0", 0), ("3", 3)],
    "Boolean": [("true", True), ("false", False)],
    "Decimal": [('"1.50"', "1.50")],
    "DateTime": [('"2026-01-02T03:04:05Z"', "2026-01-02T03:04:05Z")],
    "Backwards": [('"abc"', "abc")],
}
"""Of a type: how it stands in a document, and in JSON."""


class _Writing:
    """One document on its way."""

    def __init__(self, random: Random, schema: GraphQLSchema, *, sound: bool) -> None:
        self.random = random
        self.schema = schema
        self.sound = sound
        self.definitions: list[str] = []
        self.fragments: list[str] = []
        self.variables: dict[str, Any] = {}
        self.aliased = 0
        self.left = 25
        """Fields that may still be selected."""

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def operation(self) -> str:
        roots = self.random.choices(ROOTS, k=self.random.randint(1, 2))
        selected = "".join(self.root(name, number) for number, name in enumerate(roots))
        head = f"query ({', '.join(self.definitions)}) " if self.definitions else ""
        return f"{head}{{ {selected} }} {' '.join(self.fragments)}"

    def root(self, name: str, number: int) -> str:
        query = self.schema.query_type
        assert query is not None
        if name != "_entities":
            return f"r{number}: {self.field(query, name, depth=3)} "
        kinds = REPRESENTATIONS if self.sound else REPRESENTATIONS + BAD_REPRESENTATIONS
        variable = self.variable("[_Any!]!", self.random.choices(kinds, k=self.random.randrange(5)))
        selection = self.selection(self.schema.type_map["_Entity"], depth=3)
        return f"r{number}: _entities(representations: {variable}) {selection} "

    def variable(self, type_: str, value: Any, default: str | None = None) -> str:
        name = f"v{len(self.definitions)}"
        self.definitions.append(f"${name}: {type_}" + (f" = {default}" if default is not None else ""))
        if default is None or self.chance(70):
            self.variables[name] = value
        return f"${name}"

    def field(self, parent: Any, name: str, depth: int) -> str:
        definition = parent.fields[name]
        given = [
            f"{argument}: {self.value(spec.type)}"
            for argument, spec in definition.args.items()
            if is_required_argument(spec) or self.chance(50)
        ]
        arguments = f"({', '.join(given)})" if given else ""
        selection = ""
        if is_composite_type(get_named_type(definition.type)):
            selection = " " + self.selection(get_named_type(definition.type), depth - 1)
        return f"{name}{arguments}{self.condition()}{selection}"

    def condition(self) -> str:
        if not self.chance(12):
            return ""
        value = self.chance(50)
        literal = str(value).lower()
        given = self.variable("Boolean!", value, self.random.choice((None, "true"))) if self.chance(60) else literal
        return f" @{self.random.choice(('skip', 'include'))}(if: {given})"

    def selection(self, type_: Any, depth: int) -> str:
        return "{ " + " ".join(self.part(type_, depth) for _ in range(self.random.randint(1, 5))) + " }"

    def part(self, type_: Any, depth: int) -> str:
        if isinstance(type_, GraphQLUnionType) or self.chance(10):
            return self.fragment(type_, depth)
        self.left -= 1
        names = [
            name
            for name, definition in type_.fields.items()
            if (depth > 0 and self.left > 0) or not is_composite_type(get_named_type(definition.type))
        ]
        name = self.random.choice(["__typename", *names])
        if name == "__typename":
            return name
        definition = type_.fields[name]
        # Where one name may be asked for in several ways, each has an alias; nearly always.
        varies = definition.args or is_composite_type(get_named_type(definition.type))
        alias = f"a{self.aliases()}: " if self.chance(95 if varies else 20) else ""
        return alias + self.field(type_, name, depth)

    def aliases(self) -> int:
        self.aliased += 1
        return self.aliased

    def fragment(self, type_: Any, depth: int) -> str:
        if depth <= 0:
            return "__typename"
        on = self.random.choice(self.kinds_of(type_))
        selection = self.selection(on, depth - 1)
        if self.chance(50):
            condition = "" if on is type_ and self.chance(50) else f" on {on.name}"
            return f"...{condition}{self.condition()} {selection}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {on.name} {selection}")
        return f"...{name}{self.condition()} " * self.random.randint(1, 2)

    def kinds_of(self, type_: Any) -> list[Any]:
        kinds = [type_] if not isinstance(type_, GraphQLUnionType) else []
        if isinstance(type_, (GraphQLUnionType, GraphQLInterfaceType)):
            kinds += self.schema.get_possible_types(type_)
        if isinstance(type_, GraphQLObjectType):
            kinds += type_.interfaces
        return kinds

    def value(self, type_: Any, *, may_vary: bool = True) -> str:
        literal, plain = self.pair(type_)
        if may_vary and self.chance(40):
            default = literal if not isinstance(type_, GraphQLNonNull) and self.chance(30) else None
            return self.variable(str(type_), plain, default)
        return literal

    def pair(self, type_: Any) -> tuple[str, Any]:
        if isinstance(type_, GraphQLNonNull):
            return self.pair(type_.of_type)
        if isinstance(type_, GraphQLList):
            items = [self.pair(type_.of_type) for _ in range(self.random.randint(0, 2))]
            return f"[{', '.join(item for item, _ in items)}]", [plain for _, plain in items]
        if isinstance(type_, GraphQLEnumType):
            name = self.random.choice(sorted(type_.values))
            return name, name
        if isinstance(type_, GraphQLInputObjectType):
            chosen = [name for name in type_.fields if self.chance(35)]
            pairs = {name: self.pair(type_.fields[name].type) for name in chosen}
            literal = ", ".join(f"{name}: {text}" for name, (text, _) in pairs.items())
            return f"{{{literal}}}", {name: plain for name, (_, plain) in pairs.items()}
        return self.random.choice(LITERALS[type_.name])


def a_document(seed: int, schema: GraphQLSchema, *, sound: bool) -> tuple[str, dict[str, Any]]:
    """A document with its variables. It may be invalid."""
    writing = _Writing(Random(seed), schema, sound=sound)  # nothing secret
    return writing.operation(), writing.variables
