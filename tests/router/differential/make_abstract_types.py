"""Draws the interfaces and unions of a world, and what their members have because of them."""

import random

from tests.router.differential.world import Field, Home, Key, Type, World, wrapped

_ARGUMENTS = ({}, {}, {}, {"n": "Int = 3"}, {"s": "String", "e": "E0"})


class AbstractTypes:
    """Added after the objects they are made of, and before these have fields of their own."""

    def __init__(self, world: World, drawn: random.Random) -> None:
        self.world = world
        self.random = drawn

    def add_all(self) -> None:
        for number in range(self.random.randint(0, 2)):
            self.make_interface(f"I{number}")
        if "I0" in self.world.types and "I1" in self.world.types:
            self.extend_interface(self.world.types["I1"], self.world.types["I0"])
        for number in range(self.random.randint(0, 2)):
            self.make_union(f"U{number}")

    # --- interfaces ---

    def make_interface(self, name: str) -> None:
        members = self.some_members()
        made = self.world.add(Type(name, "interface"))
        by_name = {each.name: each for each in self.interface_fields(name, members) if self.random.random() < 0.7}
        if not by_name:
            by_name = {"label": Field("label", "String")}
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
        for each in made.fields.values():
            self.narrow(made, each)

    def narrow(self, interface: Type, each: Field) -> None:
        """Let subgraphs where all members narrow the field narrow it on the interface too; but not the first one."""
        for subgraph in list(each.homes)[1:]:
            members = [self.world.types[name].fields[each.name] for name in interface.members[subgraph]]
            own = {(member.homes[subgraph].type or member.type).strip("[]!") for member in members}
            if len(own) == 1 and each.named_type not in own and self.random.random() < 0.7:
                each.homes[subgraph].type = each.type.replace(each.named_type, own.pop())

    def interface_fields(self, name: str, members: list[Type]) -> list[Field]:
        fields = [
            Field(f"label{name}", "String", arguments=dict(self.random.choice(_ARGUMENTS))),
            Field(f"size{name}", wrapped(self.random, "Int")),
            Field(f"v{name}", self.random.choice(("V0", "V1!"))),
        ]
        linked = self.known_to_all(members)
        if linked:
            fields.append(Field(f"link{name}", wrapped(self.random, self.random.choice(linked))))
        return fields

    def known_to_all(self, members: list[Type]) -> list[str]:
        """The types that can be returned wherever one of *members* is."""
        everywhere = {subgraph for each in members for subgraph in each.subgraphs}
        return [
            each.name
            for each in self.world.types.values()
            if not each.inaccessible
            and not each.interface_object_in
            and not each.name.startswith("Ref")
            and everywhere <= set(each.subgraphs)
            and set.intersection(*(set(self.world.members(each.name, home)) for home in everywhere))
        ]

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
            made = member.add(Field(declared.name, self.own_type(declared, member), homes))
            self.narrow_in_some(made)
            made.arguments = dict(declared.arguments)
            made.fails = self.random.random() < 0.05

    def own_type(self, declared: Field, member: Type) -> str:
        """The field's type on *member*: the interface's, or a narrower one."""
        text = declared.type
        definition = self.world.types.get(declared.named_type)
        if definition is not None and definition.kind != "object" and self.random.random() < 0.4:
            known = [set(self.world.members(definition.name, each)) for each in member.subgraphs]
            narrower = sorted(each for each in set.intersection(*known) if not self.world.types[each].inaccessible)
            if narrower:
                text = text.replace(definition.name, self.random.choice(narrower))
        return f"{text}!" if not text.endswith("!") and self.random.random() < 0.2 else text

    def narrow_in_some(self, made: Field) -> None:
        """Let subgraphs give the field a narrower type than the first one does."""
        first = min(made.homes)
        definition = self.world.types.get(made.named_type)
        for subgraph, home in made.homes.items():
            if definition is None or definition.kind == "object" or subgraph == first or home.external:
                continue
            known = [set(self.world.members(definition.name, each)) for each in made.homes]
            common = sorted(set.intersection(*known))
            if common and self.random.random() < 0.3:
                home.type = made.type.replace(definition.name, self.random.choice(common))
                return

    def extend_interface(self, extending: Type, extended: Type) -> None:
        """*extending* implements *extended* where that needs nothing new of anybody's."""
        if not set(self.world.possible(extending.name)) <= set(self.world.possible(extended.name)):
            return
        for subgraph in extending.subgraphs:
            members = set(extended.members.get(subgraph, ()))
            has_all = all(subgraph in each.homes for each in extended.fields.values())
            if members and has_all and set(extending.members[subgraph]) <= members and self.random.random() < 0.8:
                extending.implements[subgraph] = [extended.name]
                for each in extended.fields.values():
                    known = extending.fields.get(each.name) or extending.add(Field(each.name, each.type))
                    known.arguments = each.arguments
                    known.homes[subgraph] = Home()

    # --- interfaces with a key, to which subgraphs that see them as objects add fields ---

    def make_interface_object(self) -> None:
        owner, *others = self.random.sample(self.world.subgraphs, self.random.randint(2, len(self.world.subgraphs)))
        sees_object = others[: self.random.randint(1, len(others))]
        may_have_members = [each for each in self.world.subgraphs if each not in sees_object]
        made = self.world.add(Type("K", "interface"))
        made.subgraphs = [each for each in self.world.subgraphs if each == owner or each in sees_object]
        made.interface_object_in = sorted(sees_object)
        made.keys = {each: [Key("id")] for each in made.subgraphs}
        made.add(Field("id", "ID!", {each: Home() for each in made.subgraphs}, is_key=True))
        for number in range(self.random.randint(0, 2)):
            made.add(Field(f"own{number}", self.random.choice(("String", "Int!", "[E0]")), {owner: Home()}))
        for name in ("M0", "M1"):
            homes = [each for each in may_have_members if each == owner or self.random.random() < 0.5]
            member = self.world.add(Type(name, subgraphs=homes, keys={each: [Key("id")] for each in homes}))
            member.implements[owner] = ["K"]
            for each in made.fields.values():
                own = homes if each.is_key else [owner]
                member.add(Field(each.name, each.type, {home: Home() for home in own}, is_key=each.is_key))
        made.members = {owner: ["M0", "M1"]}

    # --- unions ---

    def make_union(self, name: str) -> None:
        members = self.some_members()
        made = self.world.add(Type(name, "union"))
        for subgraph in self.world.subgraphs:
            present = [each.name for each in members if subgraph in each.subgraphs and self.random.random() < 0.85]
            if present and self.random.random() < 0.8:
                made.subgraphs.append(subgraph)
                made.members[subgraph] = present
        if all(self.world.types[each].inaccessible for each in self.world.possible(name)):
            del self.world.types[name]

    def some_members(self) -> list[Type]:
        local = [each for each in self.world.types.values() if each.name.startswith("L")]
        objects = [*self.world.entities(), *local]
        return self.random.sample(objects, self.random.randint(1, len(objects)))
