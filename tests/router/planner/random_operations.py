"""Random operations on a schema, as awkward as clients may send them: taken names, conditions, fragments."""

import random
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_non_null_type,
    parse,
    validate,
)

CONDITIONS = ("a", "b", "c")
_Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


class RandomOperations:
    """An endless supply of queries, or of mutations; the same for the same *seed*."""

    def __init__(self, schema: GraphQLSchema, seed: int, *, depth: int = 5, kind: str = "query") -> None:
        self._schema = schema
        self._kind = kind
        self._random = random.Random(seed)
        self._depth = depth
        self._fragments: list[str] = []
        self._names = sorted(
            {
                name
                for each in schema.type_map.values()
                if not each.name.startswith("__") and isinstance(each, (GraphQLObjectType, GraphQLInterfaceType))
                for name in each.fields
            }
        )

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        while True:
            self._fragments = []
            root = self._schema.query_type if self._kind == "query" else self._schema.mutation_type
            assert root is not None
            body = self._selections(root, self._depth)
            head = ", ".join(f"${name}: Boolean!" for name in CONDITIONS)
            text = f"{self._kind} ({head}) {body}\n" + "\n".join(self._fragments)
            # Every condition is used, so that validation has nothing against the variables.
            used = " ".join(f"_{name}: __typename @include(if: ${name})" for name in CONDITIONS)
            text = (
                text.replace("{", f"{{ {used}", 1).replace("_a:", "x_a:").replace("_b:", "x_b:").replace("_c:", "x_c:")
            )
            if not validate(self._schema, parse(text)):
                yield text, {name: self._random.random() < 0.5 for name in CONDITIONS}

    def _selections(self, parent: _Composite, depth: int) -> str:
        parts = []
        for _ in range(self._random.choice((1, 2, 2, 3, 3, 4))):
            part = self._selection(parent, depth)
            if part:
                parts.append(part)
        return f"{{ {' '.join(parts) or '__typename'} }}"

    def _selection(self, parent: _Composite, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.08:
            return f"{'t: ' if self._random.random() < 0.3 else ''}__typename{self._condition()}"
        if depth > 1 and chance < (0.45 if is_abstract_type(parent) else 0.2):
            return self._fragment(parent, depth - 1)
        fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields
        candidates = [
            (name, each)
            for name, each in fields.items()
            if depth > 1 or not is_composite_type(get_named_type(each.type))
        ]
        if not candidates:
            return self._fragment(parent, depth - 1) if depth > 1 and is_abstract_type(parent) else ""
        name, each = self._random.choice(candidates)
        return self._field(name, each, depth)

    def _field(self, name: str, each: GraphQLField, depth: int) -> str:
        alias = ""
        chance = self._random.random()
        if chance < 0.2:
            alias = f"{self._random.choice(self._names)}: "
        elif chance < 0.3:
            alias = f"{self._random.choice(('x', '_id_1', f'_{name}_1'))}: "
        named = get_named_type(each.type)
        inner = ""
        if isinstance(named, (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)):
            inner = f" {self._selections(named, depth - 1)}"
        return f"{alias}{name}{self._arguments(each)}{self._condition()}{inner}"

    def _fragment(self, parent: _Composite, depth: int) -> str:
        types: list[_Composite] = [parent]
        if isinstance(parent, (GraphQLInterfaceType, GraphQLUnionType)):
            objects = list(self._schema.get_possible_types(parent))
            types += [*objects, *objects]
            types += [interface for each in objects for interface in each.interfaces]
        else:
            types += parent.interfaces
        chosen = self._random.choice(types)
        inner = self._selections(chosen, depth)
        if self._random.random() < 0.25:
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {chosen.name} {inner}")
            return f"...{name}{self._condition()}"
        return f"... on {chosen.name}{self._condition()} {inner}"

    def _condition(self) -> str:
        chance = self._random.random()
        if chance < 0.1:
            return f" @include(if: ${self._random.choice(CONDITIONS)})"
        if chance < 0.2:
            return f" @skip(if: ${self._random.choice(CONDITIONS)})"
        if chance < 0.23:
            return f" @include(if: {self._random.choice(('true', 'false'))})"
        return ""

    def _arguments(self, each: GraphQLField) -> str:
        parts = [
            f"{name}: {self._value(argument.type)}"
            for name, argument in each.args.items()
            if is_non_null_type(argument.type) or self._random.random() < 0.6
        ]
        return f"({', '.join(parts)})" if parts else ""

    def _value(self, wanted: Any) -> str:
        named = get_named_type(wanted)
        if is_input_object_type(named):
            return "{" + ", ".join(f"{name}: {self._value(each.type)}" for name, each in named.fields.items()) + "}"
        if is_enum_type(named):
            return str(self._random.choice(sorted(named.values)))
        if named.name == "Boolean":
            return self._random.choice(("true", "false"))
        number = self._random.randint(1, 3)
        return str(number) if named.name in {"Int", "Float"} else f'"{number}"'
