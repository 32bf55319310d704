"""
Documents that grow: each shape takes a number and gives a request that costs more the larger the number is.

What bounds a shape is the door's business. The attack lets each grow until it is refused, and measures the largest that
was let in; so a shape need not know the limits, and a limit that is lifted by mistake shows as CPU time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Variables = dict[str, Any]
Grow = Callable[[int], tuple[str, Variables]]


@dataclass(frozen=True)
class Shape:
    """One way to ask for too much."""

    name: str
    grow: Grow
    doors: tuple[str, ...] = ("router",)
    askers: tuple[str | None, ...] = ("marina",)
    """Names in the cast; None is anonymous."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Variables that the story has an id for: name to the thing's name."""


def nested(head: str, link: str, leaf: str, n: int) -> str:
    """`head { link { link { … leaf } } }`, *n* links deep."""
    opening = " { ".join([link] * n)
    return f"{head} {{ {opening} {{ {leaf} }} {'} ' * n}"


def alternating(of: str, there: str, back: str, leaf: str, n: int) -> str:
    """`of { there { back { there { back { … leaf } } } } }`, *n* pairs deep."""
    opening = f"{there} {{ {back} {{ " * n
    return f"{of} {{ {opening}{leaf} {'} } ' * n} }}"


def _installments(n: int) -> tuple[str, Variables]:
    return f"query($cpr: ID!) {{ {alternating('cpr(id: $cpr)', 'installments', 'cpr', 'id', n)} }}", {}


def _offerings(n: int) -> tuple[str, Variables]:
    below = "nodes { cpr { installments { distribution { payouts { nodes { id net { amount } } } } } } }"
    return f"query($n: Int) {{ offerings(first: $n) {{ {below} }} }}", {"n": n}


def _pages(n: int) -> tuple[str, Variables]:
    page = "cprs(first: 100) { nodes { farmer { "
    return f"{{ me {{ {page * n} id {'} } } ' * n} }} }}", {}


def _aliased_root(n: int) -> tuple[str, Variables]:
    return (
        f"query($cpr: ID!) {{ {' '.join(f'a{k}: cpr(id: $cpr) {{ installments {{ id }} }}' for k in range(n))} }}",
        {},
    )


def _aliased_typename(n: int) -> tuple[str, Variables]:
    return f"{{ {' '.join(f'a{k}: __typename' for k in range(n))} }}", {}


def _doubling(n: int) -> tuple[str, Variables]:
    links = " ".join(f"fragment F{k} on Query {{ a{k}: __typename ...F{k + 1} ...F{k + 1} }}" for k in range(n))
    return f"{{ ...F0 }} {links} fragment F{n} on Query {{ z: __typename }}", {}


def _conflicts(n: int) -> tuple[str, Variables]:
    return f"{{ {'__typename ' * n} }}", {}


def _conflicting_fragments(n: int) -> tuple[str, Variables]:
    spread = " ".join(f"...G{k}" for k in range(n))
    defined = " ".join(f"fragment G{k} on Query {{ x: __typename y{k}: __typename }}" for k in range(n))
    return f"{{ {spread} }} {defined}", {}


def _directives(n: int) -> tuple[str, Variables]:
    return f"{{ __typename {'@include(if: true) ' * n} }}", {}


def _conditions(n: int) -> tuple[str, Variables]:
    declared = " ".join(f"$v{k}: Boolean!" for k in range(n))
    used = " ".join(f"a{k}: __typename @include(if: $v{k})" for k in range(n))
    return f"query({declared}) {{ {used} }}", {f"v{k}": True for k in range(n)}


def _introspection(n: int) -> tuple[str, Variables]:
    types = "types { name fields { name args { name type { name ofType { name ofType { name } } } } } }"
    return f"{{ {' '.join(f'a{k}: __schema {{ {types} }}' for k in range(n))} }}", {}


def _introspection_circle(n: int) -> tuple[str, Variables]:
    return f"{{ __schema {{ {alternating('types', 'fields', 'type', 'name', n).removeprefix('types ')} }} }}", {}


def _deep_value(n: int) -> tuple[str, Variables]:
    return "query($filter: OfferingFilter) { offerings(filter: $filter) { nodes { id } } }", {"filter": _deep(n)}


def _deep(n: int) -> Any:
    value: Any = {}
    for _ in range(n):
        value = {"crop": [value]}
    return value


def _long_list(n: int) -> tuple[str, Variables]:
    ids = [f"00000000-0000-0000-0000-{k:012d}" for k in range(n)]
    mutation = "mutation($ids: [ID!]!) { markNotificationsRead(input: {ids: $ids}) { __typename } }"
    return mutation, {"ids": ids}


def _sign_ins(n: int) -> tuple[str, Variables]:
    form = 'input: {email: "nobody@x.example", password: "Wrong#2026"}'
    return f"mutation {{ {' '.join(f'a{k}: signIn({form}) {{ __typename }}' for k in range(n))} }}", {}


def _entities(n: int) -> tuple[str, Variables]:
    query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on CPR { installments { cpr { id } } } } }"
    return query, {"of": [{"__typename": "CPR", "id": f"00000000-0000-0000-0000-{k:012d}"} for k in range(n)]}


EVERYBODY = (None, "marina")
SUBGRAPHS = ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution", "notifications")
DOORS = ("router", *SUBGRAPHS)

SHAPES = (
    Shape("installments of CPRs of installments", _installments, ("router", "contracts"), values={"cpr": "CPR"}),
    Shape("offerings, their CPRs, installments and payouts", _offerings),
    Shape("pages of pages", _pages, ("router",)),
    Shape("a root field under many names", _aliased_root, ("router", "contracts"), values={"cpr": "CPR"}),
    Shape("__typename under many names", _aliased_typename, DOORS, EVERYBODY),
    Shape("fragments that double", _doubling, DOORS, EVERYBODY),
    Shape("a field repeated", _conflicts, DOORS, EVERYBODY),
    Shape("fragments to compare with each other", _conflicting_fragments, DOORS, EVERYBODY),
    Shape("a directive repeated", _directives, DOORS, EVERYBODY),
    Shape("conditions", _conditions, ("router", "accounts"), EVERYBODY),
    Shape("introspection under many names", _introspection, DOORS, EVERYBODY),
    Shape("introspection in a circle", _introspection_circle, DOORS, EVERYBODY),
    Shape("a deep value", _deep_value, ("router", "marketplace")),
    Shape("a long list", _long_list, ("router", "notifications")),
    Shape("sign-ins", _sign_ins, ("router", "accounts"), (None,)),
    Shape("entities", _entities, ("contracts",)),
)
