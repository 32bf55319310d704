"""
Draws rules about who may ask for what onto a supergraph, and people with some of what they demand.

What is written into the file and what is kept here come from the same draw, and by another way than the router's: so
each can be held against the other.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    parse,
    print_ast,
)

from tests.router.differential.world import ROOTS

SCOPES = ("read", "write", "admin")
POLICIES = ("owner", "office")

_LINKS = """
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "scoped", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", import: [{name: "@policy", as: "@asks"}], for: SECURITY)
"""
_DEFINITIONS = """
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @scoped(scopes: [[scoped__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @asks(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
scalar scoped__Scope
scalar policy__Policy
"""
_GUARDED = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, ScalarTypeDefinitionNode, EnumTypeDefinitionNode)


@dataclass(frozen=True)
class Person:
    name: str
    is_signed_in: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()

    def meets(self, demand: str) -> bool:
        kind, _, text = demand.partition(":")
        has = {"scopes": self.scopes, "policies": self.policies}.get(kind)
        return self.is_signed_in if has is None else any(set(group.split("+")) <= has for group in text.split("|"))


NOBODY = Person("nobody")
EVERYBODY = Person("everybody", is_signed_in=True, scopes=frozenset(SCOPES), policies=frozenset(POLICIES))


@dataclass
class Rules:
    """What is demanded: `signed in`, `scopes:read+write|admin`, `policies:owner`."""

    types: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def let(self, person: Person, type_name: str, field_name: str, returned: str) -> bool:
        """Whether *person* may have this field of an object of this very type, as far as it is said of these three."""
        demands = [
            *self.types.get(type_name, ()),
            *self.fields.get((type_name, field_name), ()),
            *self.types.get(returned, ()),
        ]
        return all(person.meets(demand) for demand in demands)


def draw_people(drawn: random.Random) -> list[Person]:
    """Some who have a part of it, one with nothing and one with all, in any order."""
    some = [
        Person(
            f"person {number}",
            is_signed_in=True,
            scopes=frozenset(drawn.sample(SCOPES, drawn.randint(0, len(SCOPES)))),
            policies=frozenset(drawn.sample(POLICIES, drawn.randint(0, len(POLICIES)))),
        )
        for number in range(3)
    ]
    people = [NOBODY, EVERYBODY, *some, Person("guest", policies=frozenset({"owner"}))]
    drawn.shuffle(people)
    return people


def add_rules(supergraph: str, drawn: random.Random) -> tuple[str, Rules]:
    """*supergraph* with rules at some of its types and fields, and these rules."""
    rules = Rules()
    share = drawn.choice((0.05, 0.15, 0.4))
    document = parse(supergraph, no_location=True)
    definitions = tuple(_guard(node, rules, share, drawn) for node in document.definitions)
    return print_ast(DocumentNode(definitions=definitions)) + _DEFINITIONS, rules


def _guard(node: DefinitionNode, rules: Rules, share: float, drawn: random.Random) -> DefinitionNode:
    if isinstance(node, SchemaDefinitionNode):
        return replace(node, directives=(*(node.directives or ()), *_applications(_LINKS)))
    if not isinstance(node, _GUARDED) or "__" in node.name.value:
        return node
    name = node.name.value
    if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        fields = tuple(_guard_field(name, each, rules, share, drawn) for each in node.fields or ())
        node = replace(node, fields=fields)
    is_leaf = isinstance(node, (ScalarTypeDefinitionNode, EnumTypeDefinitionNode))
    # Whoever may not ask for the root may ask for nothing at all; that is soon seen.
    if drawn.random() >= (share if is_leaf else share / 20 if name in ROOTS else share / 3):
        return node
    rules.types[name] = _draw(drawn)
    return replace(node, directives=(*(node.directives or ()), *_written(rules.types[name])))


def _guard_field(
    type_name: str, node: FieldDefinitionNode, rules: Rules, share: float, drawn: random.Random
) -> FieldDefinitionNode:
    if drawn.random() >= share:
        return node
    demands = rules.fields[type_name, node.name.value] = _draw(drawn)
    return replace(node, directives=(*(node.directives or ()), *_written(demands)))


def _draw(drawn: random.Random) -> list[str]:
    kinds = drawn.choice((["signed in"], ["scopes"], ["policies"], ["scopes", "policies"]))
    names = {"scopes": SCOPES, "policies": POLICIES}
    return [kind if kind == "signed in" else f"{kind}:{_groups(names[kind], drawn)}" for kind in kinds]


def _groups(names: tuple[str, ...], drawn: random.Random) -> str:
    groups = [sorted(drawn.sample(names, drawn.randint(1, 2))) for _ in range(drawn.randint(1, 2))]
    return "|".join("+".join(group) for group in groups)


def _written(demands: list[str]) -> Iterator[ConstDirectiveNode]:
    for demand in demands:
        kind, _, text = demand.partition(":")
        groups = json.dumps([group.split("+") for group in text.split("|")])
        written = {"scopes": f"@scoped(scopes: {groups})", "policies": f"@asks(policies: {groups})"}
        yield from _applications(written.get(kind, "@authenticated"))


def _applications(text: str) -> tuple[ConstDirectiveNode, ...]:
    (definition,) = parse(f"scalar Any {text}", no_location=True).definitions
    assert isinstance(definition, ScalarTypeDefinitionNode)
    return tuple(definition.directives or ())
