"""
Draws a world: subgraphs, types split over them, keys that lead from each to each.

Every world composes, and every field can be reached from everywhere, by construction: an entity's subgraphs share its
first key, or share a second one with a subgraph that has both. `add_features` then makes it awkward.
"""

import random

from tests.router.differential.add_features import add_features
from tests.router.differential.world import Enum, Field, Home, Input, Key, Type, World

_WRAPPINGS = ("{}", "{}", "{}", "{}!", "{}!", "[{}]", "[{}!]", "[{}]!", "[{}!]!", "[[{}]]", "[[{}!]!]")
_ARGUMENTS = ({"n": "Int = 3"}, {"s": "String"}, {"n": "Int!"}, {"e": "E0", "n": "Int"}, {"input": "In0"})


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
        if self.random.random() < 0.4 and len(self.world.subgraphs) > 1:
            self.make_interface_object()
        self.make_local_types()
        for number in range(self.random.randint(0, 2)):
            self.make_interface(f"I{number}")
        for number in range(self.random.randint(0, 2)):
            self.make_union(f"U{number}")
        for definition in list(self.world.types.values()):
            if definition.kind == "object" and (definition.is_entity() or definition.name.startswith("L")):
                self.make_fields(definition)
        self.make_split_types()
        self.make_roots()
        add_features(self.world, self.random)
        return self.world

    def make_simple_types(self) -> None:
        """Enums, inputs and value types, which all subgraphs have alike."""
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
        first = self.random.choice(("id", "id", "id", "id org", "ref { code }"))
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
            if text == "ref { code }":
                self.world.add(Type(f"Ref{made.name}", subgraphs=homes)).add(
                    Field("code", "ID!", {each: Home() for each in homes}, is_key=True)
                )
                made.add(Field("ref", f"Ref{made.name}!", {each: Home() for each in homes}, is_key=True))
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
            self.world.add(Type(f"L{number}", subgraphs=[self.random.choice(self.world.subgraphs)]))

    def make_interface(self, name: str) -> None:
        members = self.some_members()
        made = self.world.add(Type(name, "interface"))
        fields = {
            f"label{name}": "String",
            f"size{name}": self.wrapped("Int"),
            f"v{name}": self.random.choice(("V0", "V1!")),
        }
        by_name = {each: made.add(Field(each, text)) for each, text in fields.items() if self.random.random() < 0.7}
        if not by_name:
            by_name = {"label": made.add(Field("label", "String"))}
        for subgraph in self.world.subgraphs:
            present = [each for each in members if subgraph in each.subgraphs and self.random.random() < 0.85]
            chosen = [each for each in by_name.values() if self.random.random() < 0.75]
            if not present or not chosen or self.random.random() < 0.2:
                continue
            made.subgraphs.append(subgraph)
            made.members[subgraph] = [each.name for each in present]
            for each in chosen:
                each.homes[subgraph] = Home()
            for member in present:
                member.implements.setdefault(subgraph, []).append(name)
        made.fields = {key: each for key, each in by_name.items() if each.homes}
        if not made.subgraphs:
            del self.world.types[name]
            return
        for member in {name: self.world.types[name] for name in self.world.possible(made.name)}.values():
            self.implement(made, member)

    def make_interface_object(self) -> None:
        """An interface with a key, to which subgraphs that see it as an object add fields."""
        owner, *others = self.random.sample(self.world.subgraphs, self.random.randint(2, len(self.world.subgraphs)))
        sees_object = others[: self.random.randint(1, len(others))]
        may_have_members = [each for each in self.world.subgraphs if each not in sees_object]
        made = self.world.add(Type("K", "interface"))
        made.subgraphs = [each for each in self.world.subgraphs if each == owner or each in sees_object]
        made.interface_object_in = sorted(sees_object)
        made.keys = {each: [Key("id")] for each in made.subgraphs}
        made.add(Field("id", "ID!", {each: Home() for each in made.subgraphs}, is_key=True))
        for number, subgraph in enumerate(made.interface_object_in):
            made.add(Field(f"k{number}", self.wrapped("String"), {subgraph: Home()}, fails=self.random.random() < 0.1))
        for name in ("M0", "M1"):
            homes = [each for each in may_have_members if each == owner or self.random.random() < 0.5]
            member = self.world.add(Type(name, subgraphs=homes, keys={each: [Key("id")] for each in homes}))
            member.implements[owner] = ["K"]
            for each in made.fields.values():
                # What is added to the interface is each member's too, but in no subgraph of its own.
                own = {home: Home() for home in homes} if each.is_key else {}
                member.add(Field(each.name, each.type, own, is_key=each.is_key, fails=each.fails))
        made.members = {owner: ["M0", "M1"]}

    def implement(self, interface: Type, member: Type) -> None:
        """*member* gets the interface's fields: where the interface asks for them, and elsewhere if nowhere else."""
        for declared in interface.fields.values():
            needed = [each for each in declared.homes if member.name in interface.members.get(each, ())]
            real = [each for each in member.subgraphs if not member.keys or member.can_be_entered_in(each)]
            owner = self.random.choice(real)
            # Where the interface forces a field upon a subgraph that does not have it, the field is external there.
            one_owner = member.is_entity() and self.random.random() < 0.5
            homes = {each: Home(external=one_owner and each != owner) for each in needed}
            if one_owner or not set(homes) & set(real):
                homes[owner] = Home()
            made = member.add(Field(declared.name, declared.type, homes))
            made.fails = self.random.random() < 0.05

    def make_union(self, name: str) -> None:
        members = self.some_members()
        made = self.world.add(Type(name, "union"))
        for subgraph in self.world.subgraphs:
            present = [each.name for each in members if subgraph in each.subgraphs and self.random.random() < 0.85]
            if present and self.random.random() < 0.8:
                made.subgraphs.append(subgraph)
                made.members[subgraph] = present
        if not made.subgraphs:
            del self.world.types[name]

    def some_members(self) -> list[Type]:
        local = [each for each in self.world.types.values() if each.name.startswith("L")]
        objects = [*self.world.entities(), *local]
        return self.random.sample(objects, self.random.randint(1, len(objects)))

    # --- fields ---

    def make_fields(self, made: Type) -> None:
        real = [each for each in made.subgraphs if not made.keys or made.can_be_entered_in(each)]
        for number in range(self.random.randint(2, 5)):
            homes = [self.random.choice(real)]
            if self.random.random() < 0.25:
                homes = [each for each in real if each in homes or self.random.random() < 0.5]
            self.make_field(made, f"f{number}", homes)

    def make_field(self, made: Type, name: str, homes: list[str]) -> Field:
        each = Field(name, self.wrapped(self.draw_type(homes)), {home: Home() for home in homes})
        if self.random.random() < 0.25:
            each.arguments = dict(self.random.choice(_ARGUMENTS))
        each.fails = self.random.random() < 0.08
        if len(homes) > 1 and not each.fails and not each.type.endswith("!") and self.random.random() < 0.3:
            each.homes[homes[0]].type = f"{each.type}!"
        return made.add(each)

    def draw_type(self, homes: list[str]) -> str:
        """A named type that all *homes* know."""
        if self.random.random() < 0.45:
            return self.random.choice(("Int", "String", "Boolean", "Float", "ID", "E0"))
        known = [
            each.name
            for each in self.world.types.values()
            if not each.is_split
            and not (len(homes) > 1 and set(homes) & set(each.interface_object_in))
            and not each.name.startswith("Ref")
            and each.name not in {"Query", "Mutation"}
            and all(home in each.subgraphs for home in homes)
            and set.intersection(*(set(self.world.members(each.name, home)) for home in homes))
        ]
        composite = [each for each in known if not each.startswith("V")]
        return self.random.choice(composite if composite and self.random.random() < 0.8 else known)

    def wrapped(self, name: str) -> str:
        return self.random.choice(_WRAPPINGS).format(name)

    def make_split_types(self) -> None:
        """Types without keys whose fields lie in different subgraphs: they can only be had through their parent."""
        for entity in self.world.entities():
            homes = [each for each in entity.subgraphs if entity.can_be_entered_in(each)]
            homes = [each for each in homes if each not in entity.may_miss]
            if len(homes) < 2 or self.random.random() < 0.6:
                continue
            made = self.world.add(Type(f"W{entity.name}", subgraphs=homes, is_split=True))
            made.add(Field("common", "String", {each: Home() for each in homes}))
            for number, home in enumerate(homes):
                others = [each for each in homes if each == home or self.random.random() < 0.2]
                made.add(Field(f"part{number}", self.wrapped("Int"), {each: Home() for each in others}))
            entity.add(Field("whole", self.wrapped(made.name), {each: Home() for each in homes}))

    def make_roots(self) -> None:
        query = self.world.add(Type("Query", subgraphs=list(self.world.subgraphs)))
        for subgraph in self.world.subgraphs:
            for number in range(self.random.randint(0 if query.fields else 1, 3)):
                homes = [subgraph]
                if self.random.random() < 0.2:
                    homes = [each for each in self.world.subgraphs if each == subgraph or self.random.random() < 0.4]
                self.make_field(query, f"{subgraph}{number}", homes)
        if self.random.random() < 0.4:
            mutation = self.world.add(Type("Mutation"))
            for number in range(self.random.randint(2, 4)):
                home = self.random.choice(self.world.subgraphs)
                mutation.subgraphs = [each for each in self.world.subgraphs if each in {*mutation.subgraphs, home}]
                self.make_field(mutation, f"do{number}", [home])
            self.count_mutations()

    def count_mutations(self) -> None:
        for entity in self.world.entities():
            homes = [each for each in entity.subgraphs if entity.can_be_entered_in(each)]
            if self.random.random() < 0.5:
                entity.add(Field("count", "Int", {self.random.choice(homes): Home()}, counts=True))
