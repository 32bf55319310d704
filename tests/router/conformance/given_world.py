"""
A world that a case file describes: its supergraph as text, its objects as JSON.

    {"Query": {"me": "User u1"}, "User u1": {"id": "u1", "name": "Ada", "friends": ["User u2", null]}}

A value that stands where the schema wants an object is another object's label. Besides plain values there are

    {"error": "no price today"}            the resolver fails, or in a list the item
    {"by": {"1": "a", "3": "b"}}           the value depends on the field's only argument
    {"from": "{price} and {weight}"}       the value is computed from what the field requires
    {"mutations": true}                    the value is the number of mutations that ran

and an object with `"missing": ["stock"]` is unknown to that subgraph, which gives null for it; with `"failing"`, null
and an error. `"failing": ["stock.price"]` fails that field in that subgraph alone; a subgraph that fails at `Query`
answers nothing at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import EnumTypeDefinitionNode, GraphQLError, InputObjectTypeDefinitionNode, parse, print_ast

from router.executor.subgraph_client import SubgraphRequest
from router.supergraph import Field as SupergraphField
from router.supergraph import Supergraph, TypeDefinition, load_supergraph
from tests.router.differential.store import Store, Thing
from tests.router.differential.trouble import Trouble
from tests.router.differential.world import Enum, Field, Home, Input, Key, Type, World

Objects = Mapping[str, Mapping[str, Any]]


def read_world(supergraph_text: str) -> World:
    """The model of a supergraph."""
    supergraph = load_supergraph(supergraph_text)
    world = World(0, list(supergraph.subgraphs))
    for node in parse(supergraph_text).definitions:
        name = getattr(getattr(node, "name", None), "value", "")
        if "__" in name:
            continue
        if isinstance(node, EnumTypeDefinitionNode):
            values = node.values or ()
            hidden = [each.name.value for each in values if "@inaccessible" in print_ast(each)]
            world.enums[name] = Enum(name, [each.name.value for each in values], hidden)
        elif isinstance(node, InputObjectTypeDefinitionNode):
            world.inputs[name] = Input(name, {each.name.value: print_ast(each.type) for each in node.fields or ()})
    for definition in supergraph.types.values():
        world.add(_read_type(supergraph, definition))
    for made in world.types.values():
        if made.interface_object_in:
            for name in world.possible(made.name):
                for each in world.types[name].fields.values():
                    if not each.homes:
                        each.contributed_by = each.contributed_by or made.fields.get(each.name)
    return world


def _read_type(supergraph: Supergraph, definition: TypeDefinition) -> Type:
    made = Type(definition.name, definition.kind, list(definition.subgraphs))
    for join in definition.joins:
        if join.key:
            made.keys.setdefault(join.subgraph, []).append(Key(join.key, join.resolvable))
    made.interface_object_in = [each for each in made.subgraphs if definition.is_interface_object_in(each)]
    made.implements = {each: sorted(names) for each, names in definition.implements.items()}
    made.members = {each: sorted(names) for each, names in definition.members.items()}
    if definition.kind == "interface":
        for name in sorted(supergraph.possible(definition.name)):
            for subgraph, interfaces in supergraph.types[name].implements.items():
                if definition.name in interfaces:
                    made.members.setdefault(subgraph, []).append(name)
    moved = {join.override for each in definition.fields.values() for join in each.joins if join.override}
    key_fields = {name for keys in made.keys.values() for key in keys for name in key.fields.split()}
    for each in definition.fields.values():
        made.add(_read_field(supergraph, definition, each, moved, is_key=each.name in key_fields))
    return made


def _read_field(
    supergraph: Supergraph, definition: TypeDefinition, each: SupergraphField, moved: set[str | None], *, is_key: bool
) -> Field:
    made = Field(each.name, each.type.text, is_key=is_key)
    made.arguments = {name: argument.text for name, argument in each.arguments.items()}
    public = supergraph.public_schema.type_map.get(definition.name)
    made.inaccessible = public is not None and each.name not in getattr(public, "fields", {})
    for subgraph in definition.subgraphs:
        join = each.join_in(subgraph)
        if join is None and not each.joins:
            made.homes[subgraph] = Home()
        elif join is not None:
            is_moved = subgraph in moved and any(other.override == subgraph for other in each.joins)
            made.homes[subgraph] = Home(
                join.external,
                join.requires,
                join.provides,
                join.override,
                overridden=is_moved,
                type=join.type.text if join.type else None,
            )
    return made


@dataclass
class GivenStore(Store):
    """A store of the objects that a case file lists."""

    objects: Objects = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label, members in self.objects.items():
            type_name = label.split()[0]
            thing = Thing(type_name, label, frozenset(members.get("missing", ())))
            self.entities.setdefault(type_name, []).append(thing)
            # By the name of its interface it is known where only that exists.
            for definition in self.world.types.values():
                if definition.kind == "interface" and type_name in self.world.possible(definition.name):
                    self.entities.setdefault(definition.name, []).append(thing)

    def computed(
        self, thing: Thing, each: Field, arguments: Mapping[str, Any], required: Mapping[str, Any] | None
    ) -> Any:
        value = self.objects[thing.label or thing.type_name][each.name]
        if isinstance(value, dict) and "by" in value:
            value = value["by"][str(next(iter(arguments.values()), None))]
        if isinstance(value, dict) and "error" in value:
            raise GraphQLError(value["error"])
        if isinstance(value, dict) and "mutations" in value:
            return self.mutations
        if isinstance(value, dict) and "from" in value:
            return value["from"].format(**(required or {}))
        return self._found(value, is_object=each.named_type in self.world.types)

    def _found(self, value: Any, *, is_object: bool) -> Any:
        if isinstance(value, list):
            return [self._found(item, is_object=is_object) for item in value]
        if isinstance(value, dict) and "error" in value:
            return GraphQLError(value["error"])
        if value is None or not is_object:
            return value
        return next(thing for thing in self.entities[value.split()[0]] if thing.label == value)


@dataclass(frozen=True)
class GivenTrouble(Trouble):
    """What a case file says fails in one subgraph only."""

    objects: Objects = field(default_factory=dict)

    def with_request(self, subgraph: str, request: SubgraphRequest) -> bool:  # noqa: ARG002
        return subgraph in self.objects["Query"].get("failing", ())

    def with_entity(self, subgraph: str, label: str) -> bool:
        return subgraph in self.objects[label].get("failing", ())

    def with_field(self, subgraph: str, label: str, field_name: str) -> bool:
        return f"{subgraph}.{field_name}" in self.objects.get(label, {}).get("failing", ())
