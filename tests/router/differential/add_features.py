"""What makes a world awkward: requirements, promises, moved fields, hidden fields, objects that are missing."""

import random

from tests.router.differential.add_contexts import Contexts
from tests.router.differential.add_provides import Promises
from tests.router.differential.world import Field, Home, Type, World

_LITERALS = {"n": "5", "s": '"w"', "e": "BLUE", "input": '{s: "i", e: RED}', "ids": "[1, 2]"}
_DEPTH_MAX = 2
"""Of objects in a requirement."""


def add_features(world: World, drawn: random.Random) -> None:
    """Add each feature here and there; *world* stays one that composes."""
    features = _Features(world, drawn)
    features.add_overrides()
    features.add_requirements()
    features.keep_required_objects()
    Promises(world, drawn).add_all()
    # By a random sequence of its own: the rest of a world is the same with it and without.
    Contexts(world, random.Random(f"contexts {world.seed}")).add_all()
    features.hide_fields()
    features.let_objects_miss()


class _Features:
    def __init__(self, world: World, drawn: random.Random) -> None:
        self.world = world
        self.random = drawn
        self.required: set[tuple[str, str]] = set()
        self.requires_objects = False

    # --- @override ---

    def add_overrides(self) -> None:
        for entity in self.world.entities():
            for each in entity.fields.values():
                if each.is_key or each.counts or len(each.resolvers) != 1 or self.random.random() < 0.85:
                    continue
                (old,) = each.resolvers
                free = [name for name in entity.subgraphs if entity.can_be_entered_in(name) and name not in each.homes]
                if free and (self.world.is_leaf(each) or each.named_type in {"V0", "V1"}):
                    label = self.random.choice((None, None, "one", "two"))
                    is_active = label != "two"
                    each.homes[old] = Home(overridden=True, label=label, is_active=is_active)
                    each.homes[self.random.choice(free)] = Home(override=old, label=label, is_active=is_active)

    # --- @requires ---

    def add_requirements(self) -> None:
        for entity in self.world.entities():
            for subgraph in entity.subgraphs:
                if entity.can_be_entered_in(subgraph) and self.random.random() < 0.5:
                    for number in range(self.random.randint(1, 2)):
                        self.add_requirement(entity, subgraph, f"r{number}{subgraph}")

    def add_requirement(self, entity: Type, subgraph: str, name: str) -> None:
        candidates = [each for each in entity.fields.values() if self.can_be_required(each, subgraph)]
        chosen = self.random.sample(candidates, min(len(candidates), self.random.randint(1, 3)))
        parts = [part for each in chosen if (part := self.require(entity, each, subgraph))]
        if parts:
            type_text = self.random.choice(("String", "Int!", "[String]", "E0", "V0"))
            made = entity.add(Field(name, type_text, {subgraph: Home(requires=" ".join(parts))}))
            made.fails = self.random.random() < 0.05

    def keep_required_objects(self) -> None:
        """What fails in a required object must not take the object along: a plan may ask for both together."""
        for _, each in self.world.all_fields() if self.requires_objects else ():
            each.fails = each.fails and not each.type.endswith("!")

    def can_be_required(self, each: Field, subgraph: str) -> bool:
        home = each.homes.get(subgraph)
        is_free = home is None or home.external
        return is_free and bool(each.resolvers) and not each.counts and not each.is_key and not self.may_move(each)

    def may_move(self, each: Field) -> bool:
        """Composition refuses to rely on what is overridden only under a label."""
        return any(home.label for home in each.homes.values())

    def require(self, entity: Type, each: Field, subgraph: str) -> str | None:
        """The requirement's text, after declaring what it needs in *subgraph*."""
        below = self.below(each, subgraph, _DEPTH_MAX)
        if below is None:
            return None
        self.declare(each, subgraph)
        self.requires_objects |= bool(below)
        self.required.add((entity.name, each.name))
        given = {name: _LITERALS[name] for name in each.arguments}
        arguments = f"({', '.join(f'{name}: {text}' for name, text in given.items())})" if given else ""
        return f"{each.name}{arguments}{below}"

    def declare(self, each: Field, subgraph: str) -> None:
        # What is asked together with a failed requirement is lost with it, which the plain schema does not know; the
        # conformance cases say what is expected there.
        each.fails = False
        each.homes.setdefault(subgraph, Home(external=True))

    def below(self, each: Field, subgraph: str, depth: int) -> str | None:
        """What is required of the objects that *each* returns; None if they cannot be sent."""
        if self.world.is_leaf(each):
            return ""
        inner = self.require_below(each, each.named_type, subgraph, depth) if depth > 0 else None
        return f" {{ {inner} }}" if inner else None

    def require_below(self, above: Field, type_name: str, subgraph: str, depth: int) -> str | None:
        definition = self.world.types.get(type_name)
        if definition is None or subgraph not in definition.subgraphs or definition.is_split:
            return None
        if subgraph in definition.interface_object_in:
            return None
        if definition.kind != "object":
            return self.require_by_type(above, definition, subgraph, depth)
        if not definition.is_entity() and len(definition.subgraphs) == 1:
            # It comes from elsewhere, where nobody has it.
            return None
        candidates = [
            each
            for each in definition.fields.values()
            if each.resolvers
            and not each.counts
            and not each.arguments
            and not self.may_move(each)
            and (subgraph in each.homes or definition.is_entity())
            and (subgraph not in each.homes or not each.homes[subgraph].overridden)
        ]
        parts = []
        for each in self.random.sample(candidates, min(len(candidates), self.random.randint(1, 2))):
            below = self.below(each, subgraph, depth - 1)
            if below is not None:
                self.declare(each, subgraph)
                parts.append(f"{each.name}{below}")
        return " ".join(parts) or None

    def require_by_type(self, above: Field, abstract: Type, subgraph: str, depth: int) -> str | None:
        """A fragment for each type that may come, if *subgraph* knows them all."""
        coming = set.intersection(*(set(self.world.members(abstract.name, each)) for each in above.resolvers))
        if not coming <= set(self.world.members(abstract.name, subgraph)):
            return None
        parts = []
        for name in sorted(coming):
            inner = self.require_below(above, name, subgraph, depth)
            if inner is not None:
                parts.append(f"... on {name} {{ {inner} }}")
        return " ".join(parts) or None

    # --- hidden, missing ---

    def hide_fields(self) -> None:
        """Keys and requirements that clients do not see."""
        for entity in self.world.entities():
            of_interfaces = {
                name
                for names in entity.implements.values()
                for interface in names
                for name in self.world.types[interface].fields
            }
            for each in entity.fields.values():
                is_used = each.name == "code" or (entity.name, each.name) in self.required
                if is_used and each.name not in of_interfaces and self.random.random() < 0.25:
                    each.inaccessible = True

    def let_objects_miss(self) -> None:
        for entity in self.world.entities():
            if any("K" in names for names in entity.implements.values()):
                # Who sees only the interface refers to objects of the others' that must then exist.
                continue
            if entity.may_miss:
                self.keep_whole(entity)
                continue
            for subgraph in entity.subgraphs:
                keys = entity.keys[subgraph]
                is_leaf = len(keys) == 1 and keys[0].resolvable
                if is_leaf and self.owns_alone(entity, subgraph) and self.random.random() < 0.15:
                    entity.may_miss.append(subgraph)

    def owns_alone(self, entity: Type, subgraph: str) -> bool:
        """Whether nobody else has, or promises to have, a value for what *subgraph* resolves."""
        return all(
            each.resolvers == [subgraph] and not self.is_promised(each)
            for each in entity.fields.values()
            if not each.is_key and subgraph in each.resolvers
        )

    def is_promised(self, each: Field) -> bool:
        """Whether somebody else may have to give a value where there can be none."""
        return each.type.endswith("!") and any(home.external for home in each.homes.values())

    def keep_whole(self, entity: Type) -> None:
        """Null keys only where the subgraphs that miss the objects share no field with others."""
        missing = set(entity.may_miss)
        for each in entity.fields.values():
            is_theirs = not each.is_key and bool(missing & set(each.resolvers))
            if is_theirs and (not set(each.resolvers) <= missing or self.is_promised(each)):
                entity.may_miss = []
                entity.null_key = None
                entity.fields["code"].type = "String!"
                return
