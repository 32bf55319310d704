"""
Draws operations on a schema, as awkward as clients may send them: aliases that are names of other fields, fragments
on anything, conditions, repeated selections, variables with and without values.
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
    parse,
    validate,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
ResponsePath = tuple[str, ...]

_ATTEMPTS = 200
_SELECTIONS_MAX = 40
"""Of one operation; beyond them only leaves are added. Larger operations find no more, but take longer."""
_LITERALS = {
    "Int": ("1", "2", "5", "null"),
    "String": ('"w"', '""', "null"),
    "E0": ("RED", "BLUE"),
    "In0": ('{s: "i"}', '{s: "i", e: RED}', '{n: 1, s: ""}', "{s: $String!, n: $Int}", "{s: $String!, e: $E0}"),
    "[Int!]": ("[1, 2]", "[]", "3", "[$Int!, 4]", "null"),
}
"""A dollar and a type stand for a variable of that type."""
_ABOUT_THE_SCHEMA = (
    '__type(name: "E0") { kind __typename }',
    "__schema { queryType { name } }",
    "c: __schema { queryType { name } __typename }",
)
_VALUES: dict[str, tuple[Any, ...]] = {
    "Int": (1, 2, 5),
    "String": ("w", "ü"),
    "E0": ("RED", "BLUE"),
    "In0": ({"s": "v"}, {"s": "v", "n": None}, {"s": "v", "e": "BLUE"}),
    "[Int!]": ([], [1], [1, 2], 3),
}


@dataclass(frozen=True)
class Operation:
    text: str
    variables: dict[str, Any]
    seed: str


def make_operation(schema: GraphQLSchema, seed: str) -> Operation:
    """The operation of *seed*: valid, and always the same for one schema."""
    drawn = random.Random(seed)
    for _ in range(_ATTEMPTS):
        operation = _Making(schema, drawn).make(seed)
        if not validate(schema, parse(operation.text)):
            return operation
    raise AssertionError(f"No valid operation was found for {seed!r}: the generator needs attention.")


@dataclass
class _Making:
    schema: GraphQLSchema
    random: random.Random
    fragments: dict[str, tuple[GraphQLNamedType, str]] = field(default_factory=dict)
    signatures: dict[ResponsePath, str] = field(default_factory=dict)
    """What stands under each response key, so that most operations need not be thrown away."""
    definitions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def make(self, seed: str) -> Operation:
        self.names = sorted(
            {
                name
                for each in self.schema.type_map.values()
                if isinstance(each, (GraphQLObjectType, GraphQLInterfaceType)) and not each.name.startswith("__")
                for name in each.fields
            }
        )
        root, kind = self.schema.query_type, "query"
        if self.schema.mutation_type and self.random.random() < 0.25:
            root, kind = self.schema.mutation_type, "mutation"
        assert root
        body = self.selections(root, (), self.random.choice((2, 3, 4, 5)))
        head = ", ".join(f"${name}: {text}" for name, text in self.definitions.items())
        texts = [f"{kind}{f' ({head})' if head else ''} {body}"]
        texts += [f"fragment {name} on {on.name} {text}" for name, (on, text) in self.fragments.items()]
        return Operation("\n".join(texts), self.variables, seed)

    def selections(self, parent: Composite, path: ResponsePath, depth: int) -> str:
        count = self.random.choice((1, 2, 2, 3, 4))
        parts = [self.selection(parent, path, depth) for _ in range(count)]
        if self.random.random() < 0.1 and self.count < _SELECTIONS_MAX:
            parts.append(self.random.choice(parts))
        return f"{{ {' '.join(parts)} }}"

    def selection(self, parent: Composite, path: ResponsePath, depth: int) -> str:
        drawn = self.random.random()
        self.count += 1
        if self.count > _SELECTIONS_MAX:
            depth = 0
        is_union = isinstance(parent, GraphQLUnionType)
        if parent is self.schema.query_type and drawn < 0.02:
            return self.random.choice(_ABOUT_THE_SCHEMA)
        if drawn < 0.1 or (is_union and (drawn < 0.25 or depth <= 0)):
            return self.typename(path)
        # Fragments in fragments come to an end too.
        within = depth - self.random.choice((0, 1))
        if depth > 0 and (drawn < 0.3 or is_union):
            return self.inline_fragment(parent, path, within)
        if depth > 0 and drawn < 0.4:
            return self.spread(parent, path, within)
        return self.field(parent, path, depth)

    def typename(self, path: ResponsePath) -> str:
        key = self.key("__typename", "", path)
        return f"{'' if key == '__typename' else f'{key}: '}__typename{self.directives()}"

    def field(self, parent: GraphQLObjectType | GraphQLInterfaceType, path: ResponsePath, depth: int) -> str:
        fields = {
            name: each for name, each in parent.fields.items() if depth > 0 or not is_composite_type(_named(each))
        }
        # Deeper answers say more: composites are taken more often while there is room.
        composites = [name for name, each in fields.items() if is_composite_type(_named(each))]
        if not fields:
            return self.typename(path)
        name = self.random.choice(composites if composites and self.random.random() < 0.5 else list(fields))
        arguments = self.arguments(fields[name])
        key = self.key(name, arguments, path)
        text = f"{'' if key == name else f'{key}: '}{name}{arguments}{self.directives()}"
        named = _named(fields[name])
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            text += f" {self.selections(named, (*path, key), depth - 1)}"
        return text

    def key(self, name: str, arguments: str, path: ResponsePath) -> str:
        key = name
        if self.random.random() < 0.3:
            taken = f"_{self.random.choice(self.names)}_1"
            key = self.random.choice((*self.names, "id", "a", taken, "__typename" if name == "__typename" else "c"))
        signature = f"{name}{arguments}"
        number = 0
        # Now and then the clash is left standing: on types that exclude each other it may be allowed.
        while self.signatures.setdefault((*path, key), signature) != signature and self.random.random() < 0.97:
            number += 1
            key = f"{name.strip('_')}_{number}"
        return key

    def inline_fragment(self, parent: Composite, path: ResponsePath, depth: int) -> str:
        if self.random.random() < 0.12 and not isinstance(parent, GraphQLUnionType):
            return f"...{self.directives()} {self.selections(parent, path, depth)}"
        on = self.random.choice(self.overlapping(parent))
        return f"... on {on.name}{self.directives()} {self.selections(on, path, depth)}"

    def spread(self, parent: Composite, path: ResponsePath, depth: int) -> str:
        overlapping = self.overlapping(parent)
        known = [name for name, (on, _) in self.fragments.items() if on in overlapping]
        if known and self.random.random() < 0.5:
            return f"...{self.random.choice(known)}{self.directives()}"
        on = self.random.choice(overlapping)
        body = self.selections(on, path, min(depth, 2))
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (on, body)
        return f"...{name}{self.directives()}"

    def overlapping(self, parent: Composite) -> list[Composite]:
        """The types on which a fragment may stand here."""
        mine = self.possible(parent)
        # An interface may have hidden implementations only; a fragment on itself is allowed all the same.
        return [
            each
            for each in self.schema.type_map.values()
            if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
            and not each.name.startswith("__")
            and (each is parent or mine & self.possible(each))
        ]

    def possible(self, parent: Composite) -> set[str]:
        if is_abstract_type(parent):
            return {each.name for each in self.schema.get_possible_types(parent)}
        return {parent.name}

    # --- arguments, conditions, variables ---

    def arguments(self, each: GraphQLField) -> str:
        parts = []
        for name, argument in each.args.items():
            is_required = is_required_argument(argument)
            if is_required or self.random.random() < 0.5:
                parts.append(f"{name}: {self.value(str(argument.type).rstrip('!'), is_required=is_required)}")
        return f"({', '.join(parts)})" if parts else ""

    def value(self, type_text: str, *, is_required: bool) -> str:
        if self.random.random() < 0.4:
            return f"${self.variable(type_text, is_required=is_required)}"
        literal = self.random.choice([text for text in _LITERALS[type_text] if text != "null" or not is_required])
        return re.sub(r"\$(\w+)(!?)", lambda found: f"${self.variable(found[1], is_required=bool(found[2]))}", literal)

    def variable(self, type_text: str, *, is_required: bool) -> str:
        stem = type_text.strip("[!]")[0].lower() + ("s" if type_text.startswith("[") else "")
        name = f"{stem}{self.random.randrange(3)}{'r' if is_required else ''}"
        if name not in self.definitions:
            default = self.random.choice([text for text in _LITERALS[type_text] if text != "null" and "$" not in text])
            has_default = self.random.random() < 0.4
            text = f"{type_text}{'!' if is_required else ''}{f' = {default}' if has_default else ''}"
            self.definitions[name] = text
            if self.random.random() < 0.6 or (is_required and not has_default):
                self.variables[name] = self.random.choice(_VALUES[type_text])
        return name

    def directives(self) -> str:
        return "".join(self.condition(name) for name in ("include", "skip") if self.random.random() < 0.1)

    def condition(self, directive: str) -> str:
        drawn = self.random.random()
        if drawn < 0.3:
            return f" @{directive}(if: {self.random.choice(('true', 'false'))})"
        name = self.random.choice(("p", "q", "r"))
        if name not in self.definitions:
            has_default = self.random.random() < 0.4
            nullable = self.random.choice(("Boolean", "Boolean!"))
            default = self.random.choice(("true", "false"))
            self.definitions[name] = f"{nullable} = {default}" if has_default else "Boolean!"
            if not has_default or self.random.random() < 0.5:
                self.variables[name] = self.random.random() < 0.6
        return f" @{directive}(if: ${name})"


def _named(each: GraphQLField) -> GraphQLNamedType:
    return get_named_type(each.type)
