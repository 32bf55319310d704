"""
Who may ask for what: the rules that `@authenticated`, `@requiresScopes` and `@policy` write into a supergraph.

    type User @authenticated { id: ID!  email: String @requiresScopes(scopes: [["mail", "read"], ["admin"]]) }

    User.email     authenticated, scopes mail read | admin

A rule is a set of *clauses*, all of which must hold. So rules are put together by putting sets together, and an
operation's part is decided by the clauses that fail for whoever asks, not by who that is.

What is needed for a field that is selected on a type (Apollo's documentation of the router, "Authorization and
interfaces", and Federation 2.12):

- the rule of that type, of the field on it, and of the type that the field returns;
- if that type is an interface, the rules of every type that implements it and of their fields as well, because the
  answer may be any of them. Composition from 2.12 on (2.9.4, 2.10.3 and 2.11.4 on their lines) writes this into the
  supergraph and allows rules on interfaces no more; earlier ones left it to routers;
- the rules of all that the field `@requires` or takes `@fromContext`, however many steps away. Composition from the
  same versions on refuses a field that does not say so itself; with a supergraph of an earlier one the router must, or
  data that one may not see would come out as something that was computed of it.

`__typename` needs nothing but its object: clients ask for it everywhere, and the schema is public.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Groups = frozenset[frozenset[str]]
"""Names of which all of one group are enough: `{{a, b}, {c}}` is a and b, or c. No group at all is never enough."""


@dataclass(frozen=True, slots=True)
class Asker:
    """What counts of somebody who asks."""

    is_authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    """Those that said yes."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that must hold."""

    kind: Literal["authenticated", "scopes", "policies"]
    groups: Groups = frozenset()

    def holds_for(self, asker: Asker) -> bool:
        match self.kind:
            case "authenticated":
                return asker.is_authenticated
            case "scopes":
                return any(group <= asker.scopes for group in self.groups)
            case "policies":
                return any(group <= asker.policies for group in self.groups)

    def __str__(self) -> str:
        groups = " | ".join(sorted(" ".join(sorted(group)) for group in self.groups))
        return f"{self.kind} {groups}".rstrip()


Rule = frozenset[Clause]
"""All of them must hold; none: anybody may."""

EVERYBODY: Rule = frozenset()


def failing(rule: Rule, asker: Asker) -> Rule:
    """The clauses of *rule* that do not hold for *asker*."""
    return frozenset(clause for clause in rule if not clause.holds_for(asker))


def policies_of(rule: Rule) -> frozenset[str]:
    """The policies whose answers decide *rule*."""
    return frozenset(name for clause in rule if clause.kind == "policies" for group in clause.groups for name in group)


@dataclass(frozen=True, slots=True)
class AuthorizationRules:
    """The rules of a supergraph, put together as far as they do not depend on where a field is selected."""

    types: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    fields: Mapping[tuple[str, str], Rule] = field(default_factory=lambda: MappingProxyType({}))
    """By type and field: the field's own rule, that of the type it returns, those of what it requires."""

    def __bool__(self) -> bool:
        return bool(self.types or self.fields)

    def needed(self, type_name: str, field_name: str, possible: frozenset[str]) -> Rule:
        """What the field needs, selected on *type_name* where the object can be one of *possible*."""
        rule = EVERYBODY
        for name in {type_name, *possible}:
            rule |= self.types.get(name, EVERYBODY) | self.fields.get((name, field_name), EVERYBODY)
        return rule

    @property
    def policies(self) -> frozenset[str]:
        """Every policy that is named anywhere."""
        return frozenset(name for rule in (*self.types.values(), *self.fields.values()) for name in policies_of(rule))
