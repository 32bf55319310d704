"""
Contexts: one subgraph in which the root and some entities set one, and entities take arguments from it.

The root sets it as well, so that there is one wherever a client may ask. Worlds with other roots have none: a mutation
sets no context.
"""

import random

from tests.router.differential.world import ROOTS, SCALARS, Field, Home, Taken, Type, World

_NAME = "above"


class Contexts:
    def __init__(self, world: World, drawn: random.Random) -> None:
        self.world = world
        self.random = drawn

    def add_all(self) -> None:
        if any(name in self.world.types for name in ROOTS if name != "Query"):
            return
        subgraph = self.random.choice(self.world.subgraphs)
        takers = [each for each in self.world.entities() if each.can_be_entered_in(subgraph)]
        if not takers or self.random.random() < 0.4:
            return
        name, scalar = f"{subgraph}__{_NAME}", self.random.choice(SCALARS)
        selection = self.set_context(name, scalar, subgraph)
        for number, taker in enumerate(self.random.sample(takers, self.random.randint(1, len(takers)))):
            taken = {"given": Taken(scalar, name, selection)}
            text = self.random.choice(("String", "Int!", "[String]", "V0"))
            made = taker.add(Field(f"c{number}{subgraph}", text, {subgraph: Home(taken=taken)}))
            if self.random.random() < 0.3:
                made.arguments = {"n": "Int = 3"}

    def set_context(self, name: str, scalar: str, subgraph: str) -> str:
        """Let types of *subgraph* set the context; what of each is read."""
        query = self.world.types["Query"]
        read = {query.name: query.add(Field(f"above{subgraph}", scalar, {subgraph: Home()}))}
        for entity in self.world.entities():
            if subgraph in entity.subgraphs and self.random.random() < 0.6:
                leaves = [each for each in entity.fields.values() if self.can_be_read(each, scalar, subgraph)]
                if leaves:
                    read[entity.name] = self.random.choice(leaves)
                    read[entity.name].homes.setdefault(subgraph, Home(external=True))
        for type_name in read:
            self.world.types[type_name].sets.append(name)
        return " ".join(f"... on {type_name} {{ {each.name} }}" for type_name, each in read.items())

    def can_be_read(self, each: Field, scalar: str, subgraph: str) -> bool:
        home = each.homes.get(subgraph)
        is_free = home is None or home.external or home.resolves
        is_moved = any(other.override or other.overridden for other in each.homes.values())
        takes_arguments = each.arguments or each.hidden_arguments
        is_scalar = each.type.rstrip("!") == scalar
        return is_scalar and is_free and bool(each.resolvers) and not (is_moved or takes_arguments or each.counts)


def sets(definition: Type, subgraph: str) -> list[str]:
    """The contexts that *subgraph* lets the type set, as it calls them."""
    return [name.partition("__")[2] for name in definition.sets if name.partition("__")[0] == subgraph]
