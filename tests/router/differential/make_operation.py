"""
Draws operations on a schema, as awkward as clients may send them: aliases that are names of other fields, fragments
on anything, conditions, repeated selections, variables with and without values.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
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

from tests.router.differential.make_values import make_json, make_value

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
ResponsePath = tuple[str, ...]

_ATTEMPTS = 200
_SELECTIONS_MAX = 40
"""Of one operation; beyond them only leaves are added. Larger operations find no more, but take longer."""
_FOR_NAMES = str.maketrans({"[": "l", "]": "", "!": "r"})
_ABOUT_THE_SCHEMA = (
    '__type(name: "E0") { kind __typename }',
    "__schema { queryType { name } }",
    "c: __schema { queryType { name } __typename }",
)


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
        depth = self.random.choice((2, 3, 4, 5))
        if self.schema.subscription_type and self.random.random() < 0.3:
            # One field, under no condition.
            kind = "subscription"
            body = f"{{ {self.field(self.schema.subscription_type, (), depth, is_certain=True)} }}"
        else:
            assert root
            body = self.selections(root, (), depth)
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

    def field(
        self,
        parent: GraphQLObjectType | GraphQLInterfaceType,
        path: ResponsePath,
        depth: int,
        *,
        is_certain: bool = False,
    ) -> str:
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
        directives = "" if is_certain else self.directives()
        text = f"{'' if key == name else f'{key}: '}{name}{arguments}{directives}"
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
        parts = [
            f"{name}: {make_value(self.random, argument.type, self.variable)}"
            for name, argument in each.args.items()
            if is_required_argument(argument) or self.random.random() < 0.5
        ]
        return f"({', '.join(parts)})" if parts else ""

    def variable(self, type_: GraphQLInputType) -> str:
        stem = str(type_).translate(_FOR_NAMES).lower()
        name = f"{stem}{self.random.randrange(3)}"
        if name not in self.definitions:
            has_default = self.random.random() < 0.4
            default = f" = {make_value(self.random, type_, None)}" if has_default else ""
            self.definitions[name] = f"{type_}{default}"
            if self.random.random() < 0.6 or (isinstance(type_, GraphQLNonNull) and not has_default):
                self.variables[name] = make_json(self.random, type_)
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
