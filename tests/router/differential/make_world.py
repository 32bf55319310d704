"""
Draws a world: subgraphs, types split over them, keys that lead from each to each.

Every world composes, and every field can be reached from everywhere, by construction: an entity's subgraphs share its
first key, or share a second one with a subgraph that has both. `add_features` then makes it awkward.
"""

import random

from tests.router.differential.add_features import add_features
from tests.router.differential.make_abstract_types import AbstractTypes
from tests.router.differential.world import ROOTS, Enum, Field, Home, Input, Key, Type, World, wrapped

_ARGUMENTS: tuple[dict[str, str], ...] = (
    {"n": "Int = 3"},
    {"s": "String"},
    {"n": "Int!"},
    {"e": "E0", "n": "Int"},
    {"input": "In0"},
    {"ids": "[Int!]", "s": "String"},
)


def make_world(seed: int) -> World:
    """The world of *seed*, always the same."""
    return _Making(seed).make()


class _Making:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"world {seed}")
        self.world = World(seed, list("abcde"[: self.random.randint(2, 5)]))

    def make(self) -> World:
        self.make_simple_types()
        for number in range(self.random.randint(2, 4)):
            self.make_entity(f"T{number}")
        abstract_types = AbstractTypes(self.world, self.random)
        if self.random.random() < 0.4 and len(self.world.subgraphs) > 1:
            abstract_types.make_interface_object()
        self.make_local_types()
        abstract_types.add_all()
        self.contribute_fields()
        for definition in list(self.world.types.values()):
            if definition.kind == "object" and (definition.is_entity() or definition.name.startswith("L")):
                self.make_fields(definition)
        self.make_split_types()
        self.make_roots()
        add_features(self.world, self.random)
        return self.world

    def make_simple_types(self) -> None:
        """Enums, inputs, a custom scalar and value types, which all subgraphs have alike."""
        self.world.scalars.append("Json")
        hidden = ["GONE"] if self.random.random() < 0.3 else []
        self.world.enums["E0"] = Enum("E0", ["RED", "BLUE", *hidden], hidden)
        self.world.inputs["In0"] = Input("In0", {"s": "String!", "n": "Int = 7", "e": "E0"})
        everywhere = self.world.subgraphs
        for name, types in (("V1", {"x": "Int", "y": "E0"}), ("V0", {"x": "String", "z": "Float!", "v": "V1"})):
            made = self.world.add(Type(name, subgraphs=list(everywhere)))
            for field_name, text in types.items():
                made.add(Field(field_name, text, {each: Home() for each in everywhere}))

    # --- entities ---

    def make_entity(self, name: str) -> None:
        names = self.world.subgraphs
        subgraphs = [each for each in names if self.random.random() < 0.7] or [self.random.choice(names)]
        made = self.world.add(Type(name, subgraphs=subgraphs))
        first = self.random.choice(("id", "id", "id", "id org", "ref { code }", "refs { code }"))
        has_second = len(subgraphs) > 1 and self.random.random() < 0.45
        for number, subgraph in enumerate(subgraphs):
            keys = [Key(first)]
            if has_second:
                has_both = number == 0 or self.random.random() < 0.25
                is_apart = number == 1 or self.random.random() < 0.5
                keys = [Key(first), Key("code")] if has_both else [Key("code")] if is_apart else keys
            elif number > 0 and self.random.random() < 0.12:
                keys[0].resolvable = False
            if len(keys) > 1 and self.random.random() < 0.3:
                keys.reverse()
            made.keys[subgraph] = keys
        self.add_key_fields(made, first)
        if has_second:
            self.consider_null_keys(made, first)

    def add_key_fields(self, made: Type, first: str) -> None:
        for text in dict.fromkeys(key.fields for keys in made.keys.values() for key in keys):
            homes = [each for each, keys in made.keys.items() if text in {key.fields for key in keys}]
            if text.endswith("{ code }"):
                name = text.split()[0]
                self.world.add(Type(f"Ref{made.name}", subgraphs=homes)).add(
                    Field("code", "ID!", {each: Home() for each in homes}, is_key=True)
                )
                type_text = f"[Ref{made.name}!]!" if name == "refs" else f"Ref{made.name}!"
                made.add(Field(name, type_text, {each: Home() for each in homes}, is_key=True))
                continue
            for name in text.split():
                type_text = "ID!" if name == "id" else "String!" if text != first else "Int!"
                made.add(Field(name, type_text, {each: Home() for each in homes}, is_key=True))

    def consider_null_keys(self, made: Type, first: str) -> None:
        """Objects without the second key are unknown where there is no other; nobody else may depend on it."""
        with_both = [each for each, keys in made.keys.items() if len(keys) > 1]
        if len(with_both) == 1 and self.random.random() < 0.5:
            made.null_key = "code"
            made.fields["code"].type = "String"
            made.may_miss = [each for each, keys in made.keys.items() if first not in {key.fields for key in keys}]

    # --- types of other kinds ---

    def make_local_types(self) -> None:
        for number in range(self.random.randint(0, 2)):
            made = self.world.add(Type(f"L{number}", subgraphs=[self.random.choice(self.world.subgraphs)]))
            made.inaccessible = self.random.random() < 0.2

    # --- fields ---

    def contribute_fields(self) -> None:
        """What the subgraphs that see the interface as an object add to it; it is each implementation's too."""
        interface = self.world.types.get("K")
        for number, subgraph in enumerate(interface.interface_object_in if interface else ()):
            made = self.make_field(interface, f"k{number}", [subgraph])
            # The composer forgets what is hidden of an interface's arguments.
            made.hidden_arguments = {}
            own = [each for each in interface.fields.values() if each.name.startswith("own")]
            if own and self.random.random() < 0.5:
                required = self.random.sample(own, self.random.randint(1, len(own)))
                made.homes[subgraph].requires = " ".join(each.name for each in required)
                for each in required:
                    each.homes[subgraph] = Home(external=True)
            for name in self.world.possible("K"):
                copied = Field(made.name, made.type, arguments=made.arguments)
                copied.contributed_by = made
                self.world.types[name].add(copied)

    def make_fields(self, made: Type) -> None:
        real = [each for each in made.subgraphs if not made.keys or made.can_be_entered_in(each)]
        for number in range(self.random.randint(2, 5)):
            homes = [self.random.choice(real)]
            if self.random.random() < 0.25:
                homes = [each for each in real if each in homes or self.random.random() < 0.5]
            self.make_field(made, f"f{number}", homes)

    def make_field(self, made: Type, name: str, homes: list[str]) -> Field:
        each = Field(name, wrapped(self.random, self.draw_type(homes)), {home: Home() for home in homes})
        if self.random.random() < 0.25:
            each.arguments = dict(self.random.choice(_ARGUMENTS))
        if self.random.random() < 0.05:
            each.hidden_arguments = {"h": "Int = 4"}
        each.fails = self.random.random() < 0.08
        # A subgraph that promises a value must give it, and what fails below an object may take the object along.
        may_promise = len(homes) > 1 and not each.fails and self.world.is_leaf(each)
        if may_promise and not each.type.endswith("!") and self.random.random() < 0.3:
            each.homes[homes[0]].type = f"{each.type}!"
        return made.add(each)

    def draw_type(self, homes: list[str]) -> str:
        """A named type that all *homes* know."""
        if self.random.random() < 0.45:
            return self.random.choice((*self.world.scalars, "E0"))
        known = [
            each.name
            for each in self.world.types.values()
            if not each.is_split
            and not each.inaccessible
            and not (len(homes) > 1 and set(homes) & set(each.interface_object_in))
            and not each.name.startswith("Ref")
            and each.name not in ROOTS
            and all(home in each.subgraphs for home in homes)
            and set.intersection(*(set(self.world.members(each.name, home)) for home in homes))
        ]
        composite = [each for each in known if not each.startswith("V")]
        return self.random.choice(composite if composite and self.random.random() < 0.8 else known)

    def make_split_types(self) -> None:
        """Types without keys whose fields lie in different subgraphs: they can only be had through their parent."""
        for entity in self.world.entities():
            homes = [each for each in entity.subgraphs if entity.can_be_entered_in(each)]
            homes = [each for each in homes if each not in entity.may_miss]
            if len(homes) < 2 or "whole" in entity.fields or self.random.random() < 0.6:
                continue
            whole = self.make_split_type(f"W{entity.name}", homes)
            if self.random.random() < 0.3:
                within = self.make_split_type(f"X{entity.name}", homes)
                whole.add(Field("within", wrapped(self.random, within.name), {each: Home() for each in homes}))
            made = entity.add(Field("whole", wrapped(self.random, whole.name), {each: Home() for each in homes}))
            if self.random.random() < 0.6:
                self.show_split_type(f"S{entity.name}", entity, made)
        interface = self.world.types.get("K")
        if interface and self.random.random() < 0.6:
            self.add_split_type_to(interface)

    def make_split_type(self, name: str, homes: list[str]) -> Type:
        made = self.world.add(Type(name, subgraphs=homes, is_split=True))
        made.add(Field("common", "String", {each: Home() for each in homes}))
        for number, home in enumerate(homes):
            others = [each for each in homes if each == home or self.random.random() < 0.2]
            made.add(Field(f"part{number}", wrapped(self.random, "Int"), {each: Home() for each in others}))
        return made

    def show_split_type(self, name: str, entity: Type, whole: Field) -> None:
        """
        Let an interface of *entity* lead there as well, in some of the subgraphs.

        What these lack of the type can be had of the entity only, not of the interface.
        """
        able = [
            each
            for each in self.world.entities()
            if "whole" not in each.fields and not each.may_miss and all(map(each.can_be_entered_in, whole.homes))
        ]
        members = [entity, *able[: self.random.randint(0, 1)]]
        for each in members[1:]:
            each.add(Field("whole", whole.type, {home: Home() for home in whole.homes}))
        chosen = self.random.sample(list(whole.homes), self.random.randint(1, len(whole.homes)))
        made = self.world.add(Type(name, "interface", [each for each in whole.homes if each in chosen]))
        made.add(Field("whole", whole.type, {each: Home() for each in made.subgraphs}))
        for each in made.subgraphs:
            made.members[each] = [member.name for member in members]
            for member in members:
                member.implements.setdefault(each, []).append(name)

    def add_split_type_to(self, interface: Type) -> None:
        """The same for an interface that is an object elsewhere, if its members have enough in common."""
        members = [self.world.types[name] for name in self.world.possible(interface.name)]
        homes = [each for each in self.world.subgraphs if all(member.can_be_entered_in(each) for member in members)]
        if len(homes) < 2 or any("whole" in member.fields for member in members):
            return
        whole = self.make_split_type(f"W{interface.name}", homes)
        text = wrapped(self.random, whole.name)
        for member in members:
            member.add(Field("whole", text, {each: Home() for each in homes}))
        interface.add(Field("whole", text, {each: Home() for each in interface.members}))

    def make_interface_of_nobody(self) -> None:
        """One that nothing implements: all that can be had of it is that there is nothing."""
        names = self.world.subgraphs
        made = self.world.add(Type("Nobody", "interface", [each for each in names if self.random.random() < 0.6]))
        for each in (Field("name", "String!"), Field("next", "Nobody"), Field("value", "V0")):
            each.homes = {home: Home() for home in made.subgraphs if self.random.random() < 0.6}
            if each.homes:
                made.add(each)
        made.subgraphs = [each for each in made.subgraphs if any(each in known.homes for known in made.fields.values())]
        if not made.subgraphs:
            del self.world.types["Nobody"]
            return
        for each in (self.world.types["Query"], *self.world.entities()):
            able = [home for home in made.subgraphs if each.name == "Query" or each.can_be_entered_in(home)]
            if able and self.random.random() < 0.5:
                homes = self.random.sample(able, self.random.randint(1, len(able)))
                text = self.random.choice(("Nobody", "Nobody", "[Nobody]", "[Nobody!]!", "[Nobody]!"))
                each.add(Field("nobody", text, {home: Home() for home in self.world.subgraphs if home in homes}))

    def make_roots(self) -> None:
        query = self.world.add(Type("Query", subgraphs=list(self.world.subgraphs)))
        for subgraph in self.world.subgraphs:
            for number in range(self.random.randint(0 if query.fields else 1, 3)):
                homes = [subgraph]
                if self.random.random() < 0.2:
                    homes = [each for each in self.world.subgraphs if each == subgraph or self.random.random() < 0.4]
                self.make_field(query, f"{subgraph}{number}", homes)
                if len(homes) == 1 and self.random.random() < 0.04:
                    self.begin_anew(query.fields[f"{subgraph}{number}"])
        if self.random.random() < 0.4:
            self.make_root_without_sharing("Mutation", "do", self.random.randint(2, 4))
            self.count_mutations()
        if self.random.random() < 0.3:
            self.make_interface_of_nobody()
        if self.random.random() < 0.3:
            self.make_root_without_sharing("Subscription", "on", self.random.randint(1, 2))

    def make_root_without_sharing(self, name: str, prefix: str, count: int) -> None:
        """A root type each of whose fields one subgraph has."""
        root, query = self.world.add(Type(name)), self.world.types["Query"]
        for number in range(count):
            home = self.random.choice(self.world.subgraphs)
            root.subgraphs = [each for each in self.world.subgraphs if each in {*root.subgraphs, home}]
            made = self.make_field(root, f"{prefix}{number}", [home])
            if any(home in each.homes for each in query.fields.values()) and self.random.random() < 0.15:
                self.begin_anew(made)

    def begin_anew(self, made: Field) -> None:
        """Let *made* return the root, from which everything can be asked again."""
        made.type = self.random.choice(("Query", "Query!"))
        made.homes = {each: Home() for each in made.homes}

    def count_mutations(self) -> None:
        for entity in self.world.entities():
            homes = [each for each in entity.subgraphs if entity.can_be_entered_in(each)]
            if self.random.random() < 0.5:
                entity.add(Field("count", "Int", {self.random.choice(homes): Home()}, counts=True))
