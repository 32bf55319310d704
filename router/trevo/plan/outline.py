"""
A plan as people draw it: what is done one after another, and what at the same time.

    Sequence                      one after another
    └─ Parallel                   at the same time
       ├─ Fetch
       └─ Choice                  only if a Boolean variable says so

This tells less than the plan does: a fetch begins as soon as what it needs has been answered, whatever else stands
before it in a sequence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from trevo.plan.conditions import ALWAYS, Condition
from trevo.plan.nodes import Fetch, wave_of


@dataclass(frozen=True, slots=True)
class Sequence:
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Parallel:
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    variable: str
    if_true: "Node | None"
    if_false: "Node | None"


Node = Sequence | Parallel | Choice | Fetch

_Item = tuple[int, Condition, Fetch]
"""A fetch, the wave it is in, and what must hold for it apart from what stands around it."""


def outline(fetches: tuple[Fetch, ...], deferred: frozenset[int] = frozenset()) -> Node | None:
    """The drawing of those of *fetches* that are for *deferred* fragments alone; None where there are none."""
    waves = wave_of(fetches)
    return _draw(
        [
            (wave, fetch.condition, fetch)
            for wave, fetch in zip(waves, fetches, strict=True)
            if fetch.deferred == deferred
        ]
    )


def _draw(items: list[_Item]) -> Node | None:
    if not items:
        return None
    shared = set.intersection(*({variable for variable, _ in condition} for _, condition, _ in items))
    if shared:
        variable = min(shared)
        return Choice(variable, *(_draw(_under(items, variable, wanted=wanted)) for wanted in (True, False)))
    by_wave: dict[int, list[_Item]] = {}
    for item in items:
        by_wave.setdefault(item[0], []).append(item)
    return _in_sequence([_draw_wave(by_wave[wave]) for wave in sorted(by_wave)])


def _under(items: list[_Item], variable: str, *, wanted: bool) -> list[_Item]:
    mark = (variable, wanted)
    return [(wave, condition - {mark}, fetch) for wave, condition, fetch in items if mark in condition]


def _draw_wave(items: list[_Item]) -> Node:
    by_condition: dict[Condition, list[Node]] = {}
    for _, condition, fetch in items:
        by_condition.setdefault(condition, []).append(fetch)
    return _in_parallel(
        [
            each
            for condition, found in by_condition.items()
            for each in (found if condition == ALWAYS else [_choose(condition, _in_parallel(found))])
        ]
    )


def _choose(condition: Condition, node: Node) -> Node:
    for variable, wanted in sorted(condition, reverse=True):
        node = Choice(variable, node, None) if wanted else Choice(variable, None, node)
    return node


def _in_parallel(found: list[Node]) -> Node:
    return found[0] if len(found) == 1 else Parallel(tuple(found))


def _in_sequence(found: list[Node]) -> Node:
    joined = _join_choices(found)
    return joined[0] if len(joined) == 1 else Sequence(tuple(joined))


def _join_choices(found: list[Node]) -> list[Node]:
    """Neighbours under one condition stand in one Choice."""
    joined: list[Node] = []
    for node in found:
        before = joined[-1] if joined else None
        if (
            isinstance(node, Choice)
            and isinstance(before, Choice)
            and node.variable == before.variable
            and bool(node.if_true) == bool(before.if_true)
        ):
            inner = [*_items(before.if_true or before.if_false), *_items(node.if_true or node.if_false)]
            sequence = _in_sequence(inner)
            joined[-1] = Choice(node.variable, sequence if node.if_true else None, sequence if node.if_false else None)
        else:
            joined.append(node)
    return joined


def _items(node: Node | None) -> Iterable[Node]:
    if node is None:
        return ()
    return node.nodes if isinstance(node, Sequence) else (node,)
