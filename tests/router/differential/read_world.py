"""
The model of a world that is given as a supergraph, instead of drawn.

An object in a key is known by the number of the one it is a key of, and so are those of its fields that the key names:
two entities are never the same by their keys.
"""

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    FieldNode,
    InlineFragmentNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from tests.router.differential.store import selections_of
from tests.router.differential.world import Enum, Field, Home, Input, Key, Taken, Type, World
from trevo.supergraph import Field as SupergraphField
from trevo.supergraph import Supergraph, TypeDefinition, load_supergraph


def read_world(supergraph_text: str, seed: int = 0, labels: frozenset[str] = frozenset()) -> World:
    """The model of a supergraph, with *labels* the active ones of progressive overrides."""
    return _Reading(supergraph_text, labels).read(seed)


class _Reading:
    def __init__(self, supergraph_text: str, labels: frozenset[str]) -> None:
        self.supergraph: Supergraph = load_supergraph(supergraph_text)
        self.document: DocumentNode = parse(supergraph_text)
        self.labels = labels
        self.nodes: dict[tuple[str, str], FieldDefinitionNode] = {
            (node.name.value, each.name.value): each
            for node in self.document.definitions
            if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
            for each in node.fields or ()
        }

    def read(self, seed: int) -> World:
        world = World(seed, list(self.supergraph.subgraphs))
        for node in self.document.definitions:
            name = getattr(getattr(node, "name", None), "value", "")
            if "__" in name:
                continue
            if isinstance(node, EnumTypeDefinitionNode):
                values = node.values or ()
                hidden = [each.name.value for each in values if _is_hidden(each)]
                world.enums[name] = Enum(name, [each.name.value for each in values], hidden)
            elif isinstance(node, InputObjectTypeDefinitionNode):
                world.inputs[name] = Input(name, {each.name.value: _text_of(each) for each in node.fields or ()})
            elif isinstance(node, ScalarTypeDefinitionNode):
                world.scalars.append(name)
        for definition in self.supergraph.types.values():
            world.add(self.read_type(definition))
        _mark_keys(world)
        for made in world.types.values():
            for name in world.possible(made.name) if made.interface_object_in else ():
                for each in world.types[name].fields.values():
                    if not each.homes:
                        each.contributed_by = each.contributed_by or made.fields.get(each.name)
        return world

    def read_type(self, definition: TypeDefinition) -> Type:
        made = Type(definition.name, definition.kind, list(definition.subgraphs))
        made.sets = sorted(name for name, types in self.supergraph.contexts.items() if definition.name in types)
        made.inaccessible = definition.name not in self.supergraph.public_schema.type_map
        for join in definition.joins:
            if join.key:
                made.keys.setdefault(join.subgraph, []).append(Key(join.key, join.resolvable))
        made.interface_object_in = [each for each in made.subgraphs if definition.is_interface_object_in(each)]
        made.implements = {each: sorted(names) for each, names in definition.implements.items()}
        made.members = {each: sorted(names) for each, names in definition.members.items()}
        if definition.kind == "interface":
            for name in sorted(self.supergraph.possible(definition.name)):
                for subgraph, interfaces in self.supergraph.types[name].implements.items():
                    if definition.name in interfaces:
                        made.members.setdefault(subgraph, []).append(name)
        for each in definition.fields.values():
            made.add(self.read_field(definition, each))
        return made

    def read_field(self, definition: TypeDefinition, each: SupergraphField) -> Field:
        made = Field(each.name, each.type.text)
        # A field that was completed by the router has no text of its own.
        node = self.nodes.get((definition.name, each.name))
        for argument in (node.arguments if node else None) or ():
            arguments = made.hidden_arguments if _is_hidden(argument) else made.arguments
            arguments[argument.name.value] = _text_of(argument)
        public = self.supergraph.public_schema.type_map.get(definition.name)
        made.inaccessible = public is not None and each.name not in getattr(public, "fields", {})
        for subgraph in definition.subgraphs:
            home = self.read_home(each, subgraph)
            if home is not None:
                made.homes[subgraph] = home
        return made

    def read_home(self, each: SupergraphField, subgraph: str) -> Home | None:
        join = each.join_in(subgraph)
        if join is None:
            return None if each.joins else Home()
        return Home(
            join.external,
            join.requires,
            join.provides,
            join.override,
            overridden=any(other.override == subgraph for other in each.joins),
            label=join.override_label,
            is_active=join.override_label is None or join.override_label in self.labels,
            type=join.type.text if join.type else None,
            taken={each.name: Taken(each.type.text, each.context, each.selection) for each in join.contexts},
        )


def _mark_keys(world: World) -> None:
    for made in world.types.values():
        for key in (key for keys in made.keys.values() for key in keys):
            _mark_key(world, made, selections_of(key.fields))


def _mark_key(world: World, made: Type, selections: SelectionSetNode) -> None:
    """Say of the fields that are part of a key, however deep, that they are."""
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            assert node.type_condition
            _mark_key(world, world.types[node.type_condition.name.value], node.selection_set)
        elif isinstance(node, FieldNode):
            each = made.fields[node.name.value]
            each.is_key = True
            if node.selection_set:
                _mark_key(world, world.types[each.named_type], node.selection_set)


def _is_hidden(node: object) -> bool:
    return any(each.name.value == "inaccessible" for each in getattr(node, "directives", None) or ())


def _text_of(node: InputValueDefinitionNode) -> str:
    default = f" = {print_ast(node.default_value)}" if node.default_value else ""
    return f"{print_ast(node.type)}{default}"
