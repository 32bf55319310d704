"""
The objects of a world and their values, alike for the subgraphs and for the plain schema.

A value depends only on the world's seed, the object, the field, its arguments and, for a field that requires others,
on these: so a subgraph that was sent anything but the right requirements computes another value.
"""

import json
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    parse_value,
    value_from_ast_untyped,
)

from tests.router.differential.world import Field, Type, World

OBJECTS_PER_TYPE = 4


@dataclass(frozen=True)
class Thing:
    """An object. Entities are numbered; objects of other types are known by where they came from."""

    type_name: str
    label: str
    missing_in: frozenset[str] = frozenset()
    """Subgraphs that do not have it."""
    lacks_key: str | None = None


@dataclass(frozen=True)
class Below:
    """An object on its way through the plain schema, and what is above it."""

    thing: Thing
    above: "Below | None" = None


@dataclass
class Store:
    world: World
    mutations: int = 0
    """How many have run."""
    entities: dict[str, list[Thing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.world.entities():
            self.entities[each.name] = [self._entity(each, number) for number in range(OBJECTS_PER_TYPE)]
        for each in self.world.types.values():
            if each.kind == "interface" and each.keys:
                # By the interface's name and key, any of them may be asked for.
                names = self.world.possible(each.name)
                self.entities[each.name] = [thing for name in names for thing in self.entities[name]]

    def _entity(self, entity: Type, number: int) -> Thing:
        label = f"{entity.name}-{number}"
        # The first object is always whole, so that non-null fields have something to show.
        if number == 0 or not entity.may_miss or not self._draw("missing", label).random() < 0.5:
            return Thing(entity.name, label)
        return Thing(entity.name, label, frozenset(entity.may_miss), entity.null_key)

    def value(self, thing: Thing, each: Field, arguments: Mapping[str, Any]) -> Any:
        """What the field is. Raises GraphQLError where its resolver, or that of a field it requires, fails."""
        each = each.origin
        if set(each.resolvers) <= thing.missing_in and thing.missing_in:
            return None
        required = self.read(thing, selections_of(each.requires)) if each.requires else None
        return self.computed(thing, each, arguments, required)

    def computed(
        self, thing: Thing, each: Field, arguments: Mapping[str, Any], required: Mapping[str, Any] | None
    ) -> Any:
        """The same, from what was sent as *required*."""
        if each.counts:
            return self.mutations
        if each.is_key:
            return self._key(thing, each)
        given = "" if required is None else _canonical(required)
        asked = json.dumps(arguments, sort_keys=True) if arguments else ""
        label = f"{thing.type_name} {thing.label}.{each.name}{asked}{given}"
        drawn = self._draw(label)
        if each.fails and drawn.random() < 0.4:
            raise GraphQLError(f"{thing.type_name}.{each.name} failed.")
        strict = next((home.type for home in each.homes.values() if home.type), each.type)
        return self._make(strict, each, drawn, f"{label[:200]} {zlib.crc32(label.encode())}", thing)

    def taken(self, each: Field, above: "Below | None") -> dict[str, Any]:
        """The arguments that the nearest object *above* says which sets the context."""
        found = {}
        for home in each.origin.homes.values():
            for name, taken in home.taken.items():
                holder = above
                while holder is not None and taken.context not in self.world.types[holder.thing.type_name].sets:
                    holder = holder.above
                assert holder is not None, f"nothing sets {taken.context}"
                (found[name],) = (self.read(holder.thing, selections_of(taken.selection)) or {}).values()
        return found

    def read(self, thing: Thing | None, selections: SelectionSetNode) -> dict[str, Any] | None:
        """*thing* as a representation holds it: the members of *selections* that its type has."""
        if thing is None:
            return None
        found: dict[str, Any] = {}
        for node in selections.selections:
            if isinstance(node, InlineFragmentNode):
                assert node.type_condition
                if thing.type_name in self.world.possible(node.type_condition.name.value):
                    found |= self.read(thing, node.selection_set) or {}
            elif isinstance(node, FieldNode):
                arguments = {each.name.value: value_from_ast_untyped(each.value) for each in node.arguments or ()}
                each = self.world.types[thing.type_name].fields[node.name.value]
                found[node.name.value] = self._read_value(
                    self.value(thing, each, with_defaults(self.world, each, arguments)), node.selection_set
                )
        return found

    def _read_value(self, value: Any, selections: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._read_value(item, selections) for item in value]
        return self.read(value, selections) if isinstance(value, Thing) and selections else value

    # --- making values ---

    def _draw(self, *label: object) -> random.Random:
        return random.Random(f"{self.world.seed} {label}")

    def _key(self, thing: Thing, each: Field) -> Any:
        if each.name == thing.lacks_key:
            return None
        if each.named_type in self.world.types:
            things = [self._key_object(thing, each, number) for number in range(2)]
            return things if each.type.startswith("[") else things[0]
        if each.type.startswith("Int"):
            return zlib.crc32(thing.label.encode()) % 1000
        return f"{each.name}-{thing.label}"

    def _key_object(self, thing: Thing, each: Field, number: int) -> Thing:
        """An object that is part of a key: for each *thing* another."""
        names = self._common_members(each.named_type, each.resolvers)
        index = int(thing.label.rpartition("-")[2].partition(".")[0]) + number
        name = names[index % len(names)]
        entities = self.entities.get(name)
        return entities[index % len(entities)] if entities else Thing(name, f"{thing.label}.{number}")

    def _make(self, type_text: str, each: Field, drawn: random.Random, label: str, parent: Thing) -> Any:
        if type_text.endswith("!"):
            type_text = type_text[:-1]
        elif drawn.random() < 0.15:
            return None
        named = type_text.strip("[]!")
        is_never = named in self.world.types and not self.world.possible(named)
        if is_never and not type_text.startswith("["):
            return None
        if type_text.startswith("["):
            count = 0 if is_never and type_text.endswith("!]") else drawn.choice((0, 1, 2, 2, 3))
            return [self._make_item(type_text[1:-1], each, drawn, f"{label}/{n}", parent) for n in range(count)]
        if type_text in self.world.types:
            return self._thing(type_text, each, drawn, label, parent)
        return self._scalar(type_text, drawn)

    def _make_item(self, type_text: str, each: Field, drawn: random.Random, label: str, parent: Thing) -> Any:
        if each.fails and drawn.random() < 0.1:
            return GraphQLError(f"An item of {each.name} failed.")
        return self._make(type_text, each, drawn, label, parent)

    def _thing(self, type_text: str, each: Field, drawn: random.Random, label: str, parent: Thing) -> Thing:
        if type_text == "Query":
            return Thing(type_text, "")
        name = drawn.choice(self._common_members(type_text, each.resolvers))
        if name not in self.entities:
            return Thing(name, label, parent.missing_in)
        # Where a field is external it may still be provided, and leads to an object all the same.
        present = [thing for thing in self.entities[name] if not thing.missing_in & set(each.homes)]
        return drawn.choice(present)

    def _common_members(self, type_name: str, resolvers: list[str]) -> list[str]:
        """What all subgraphs that resolve the field know of the type."""
        members = [set(self.world.members(type_name, subgraph)) for subgraph in resolvers]
        return sorted(set.intersection(*members))

    def _scalar(self, type_name: str, drawn: random.Random) -> Any:
        match type_name:
            case "Int":
                return drawn.randrange(1000)
            case "Float":
                return drawn.randrange(1000) / 8
            case "Boolean":
                return drawn.random() < 0.5
            case "String" | "ID":
                return drawn.choice(("", "à", f"word {drawn.randrange(10)}", f'"{drawn.randrange(1000)}"'))
        if type_name in self.world.enums:
            return drawn.choice(self.world.enums[type_name].values)
        return drawn.choice(({"a": [1, None, {"b": "x"}], "id": None}, [{}, {"a": 1}], {}, [], "text", 1.5))


def root_of(document: DocumentNode) -> Thing:
    """The object that *document*'s operation starts from."""
    operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return Thing(operation.operation.value.capitalize(), "")


def selections_of(text: str) -> SelectionSetNode:
    """A field set (`id ref { code }`) as a syntax tree."""
    known = _SELECTIONS.get(text)
    if known is None:
        (definition,) = parse(f"{{ {text} }}", no_location=True).definitions
        known = _SELECTIONS[text] = definition.selection_set  # type: ignore[attr-defined]  # it is an operation
    return known


_SELECTIONS: dict[str, SelectionSetNode] = {}


def with_defaults(world: World, each: Field, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """*arguments* as a resolver gets them: defaults filled in, of input objects and of what is hidden too."""
    return _filled(world, {**each.arguments, **each.hidden_arguments}, arguments)


def _filled(world: World, texts: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(given)
    for name, text in texts.items():
        type_text, _, default = text.partition(" = ")
        if default and name not in found:
            found[name] = value_from_ast_untyped(parse_value(default))
        nested = world.inputs.get(type_text.strip("[]!"))
        if nested and isinstance(found.get(name), Mapping):
            found[name] = _filled(world, nested.fields, found[name])
    return found


def _canonical(required: Any) -> str:
    """Text that is equal for what means the same: an absent member and a null one do."""
    return json.dumps(_without_nulls(required), sort_keys=True)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _without_nulls(inner) for name, inner in value.items() if inner is not None and name != "__typename"
        }
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value
