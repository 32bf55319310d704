"""Promises (`@provides`): of the entities that a field returns, of what these return in turn, of a union's members."""

import random

from tests.router.differential.world import Field, Home, Type, World

_DEPTH_MAX = 2
_OF_VALUES = {"V0": " { x v { y } }", "V1": " { x y }"}


class Promises:
    def __init__(self, world: World, drawn: random.Random) -> None:
        self.world = world
        self.random = drawn

    def add_all(self) -> None:
        for definition, each in list(self.world.all_fields()):
            target = self.world.types.get(each.named_type)
            if target is None or definition.kind != "object" or each.contributed_by:
                continue
            for subgraph, home in each.homes.items():
                # The composer forgets the promise of a root field that all subgraphs have.
                is_lost = definition.name == "Query" and len(each.homes) == len(self.world.subgraphs)
                if home.resolves and not home.label and not is_lost and self.random.random() < 0.4:
                    home.provides = self.provide(target, subgraph, _DEPTH_MAX)

    def provide(self, target: Type, subgraph: str, depth: int) -> str | None:
        """What *subgraph* promises of a *target* it returns, after declaring it there."""
        if target.kind != "object":
            return self.provide_by_type(target, subgraph, depth)
        parts = []
        for each in target.fields.values() if target.is_entity() else ():
            if self.can_be_promised(each, subgraph) and self.random.random() < 0.5:
                below = self.below(each, subgraph, depth)
                if below is not None:
                    each.homes.setdefault(subgraph, Home(external=True))
                    parts.append(f"{each.name}{below}")
        return " ".join(parts) or None

    def provide_by_type(self, target: Type, subgraph: str, depth: int) -> str | None:
        if subgraph in target.interface_object_in:
            return None
        parts = []
        for name in self.world.members(target.name, subgraph):
            promised = self.provide(self.world.types[name], subgraph, depth) if self.random.random() < 0.6 else None
            if promised:
                parts.append(f"... on {name} {{ {promised} }}")
        return " ".join(parts) or None

    def can_be_promised(self, each: Field, subgraph: str) -> bool:
        home = each.homes.get(subgraph)
        is_free = home is None or home.external
        takes_arguments = each.arguments or each.hidden_arguments
        return is_free and bool(each.resolvers) and not (takes_arguments or each.counts or each.requires)

    def below(self, each: Field, subgraph: str, depth: int) -> str | None:
        """What is promised of the objects that *each* returns; None if it cannot be promised at all."""
        if self.world.is_leaf(each):
            return ""
        if each.named_type in _OF_VALUES:
            return _OF_VALUES[each.named_type]
        target = self.world.types[each.named_type]
        if depth <= 1 or target.kind != "object" or not target.is_entity() or subgraph not in target.subgraphs:
            return None
        inner = self.provide(target, subgraph, depth - 1)
        return f" {{ {inner} }}" if inner else None
