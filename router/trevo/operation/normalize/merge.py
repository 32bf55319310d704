"""
Puts equal fields and equal fragments together, so that each thing is looked for once.

    { a { x } a { y } ... on T { z } ... on T { w } }      becomes      { a { x y } ... on T { z w } }

Fields are equal when response key, name, arguments and condition are. A plain leaf that is selected anyway, and not
later, is not kept under a condition or a fragment as well.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from trevo.operation.deferral import NOW, Mark, sooner
from trevo.operation.selection import FieldSelection, FragmentSelection, Selection, Selections, fragments_of
from trevo.plan.conditions import Condition

_Identity = tuple[str, str, str, Condition]
_Leaf = tuple[_Identity, Mark]


def merge_selections(selections: Iterable[Selection], *, run_in_order: bool = False) -> Selections:
    """
    The same selections, each once, in the order of first appearance; shared subtrees stay shared.

    With *run_in_order*, as for mutations, a field under a condition keeps its place though it is selected anyway.
    """
    return _Merging().merge_all(tuple(selections), run_in_order=run_in_order)


class _Merging:
    """One run; remembers what it has merged, since expansion by type lets many places share a subtree."""

    def __init__(self) -> None:
        self._done: dict[tuple[int, ...], tuple[Selections, tuple[Selections, ...]]] = {}

    def merge_all(self, selections: Selections, *, run_in_order: bool) -> Selections:
        return self._merge(list(selections), frozenset(), drop_covered=not run_in_order)

    def merge(self, *parts: Selections, outer: frozenset[_Leaf] = frozenset()) -> Selections:
        parts = tuple({id(part): part for part in parts if part}.values())
        key = tuple(map(id, parts))
        if not outer and key in self._done:
            return self._done[key][0]
        merged = self._merge([selection for part in parts for selection in part], outer)
        if not outer:
            # The parts are kept with the result, so that no other object can take their identity.
            self._done[key] = (merged, parts)
        return merged

    def _merge(self, selections: list[Selection], outer: frozenset[_Leaf], *, drop_covered: bool = True) -> Selections:
        fields: dict[_Identity, list[FieldSelection]] = {}
        fragments: dict[str, list[FragmentSelection]] = {}
        order: dict[_Identity | str, None] = {}
        for selection in selections:
            if isinstance(selection, FragmentSelection):
                fragments.setdefault(selection.type_name, []).append(selection)
                order.setdefault(selection.type_name)
            else:
                identity = (selection.key, selection.name, selection.arguments, selection.condition)
                fields.setdefault(identity, []).append(selection)
                order.setdefault(identity)

        marks = {identity: reduce(sooner, (each.deferred for each in found)) for identity, found in fields.items()}
        leaves = outer | {(identity, marks[identity]) for identity, found in fields.items() if not found[0].selections}
        merged: list[Selection] = []
        for entry in order:
            if isinstance(entry, str):
                fragment = self._merge_fragments(fragments[entry], leaves)
                if fragment.selections:
                    merged.append(fragment)
            elif fields[entry][0].selections or not (
                drop_covered and _is_covered((entry, marks[entry]), outer, leaves)
            ):
                merged.append(self._merge_fields(fields[entry], marks[entry]))
        return tuple(merged)

    def _merge_fields(self, found: list[FieldSelection], mark: Mark) -> FieldSelection:
        first = found[0]
        if not first.selections and not first.expansion:
            return first if first.deferred == mark else replace(first, deferred=mark)
        return FieldSelection(
            first.name,
            first.key,
            first.arguments,
            first.condition,
            self.merge(*(field.selections for field in found)),
            first.variables,
            mark,
            self._merge_expansions([field.expansion for field in found], frozenset()),
            self._merge_expansions([field.fallback for field in found], frozenset()),
        )

    def _merge_fragments(self, found: list[FragmentSelection], outer: frozenset[_Leaf]) -> FragmentSelection:
        expansion = self._merge_expansions([fragment.expansion for fragment in found], outer)
        if not expansion and any(fragment.expansion for fragment in found):
            # All that it selects of the possible types is selected around it; the rest is for impossible ones.
            return FragmentSelection(found[0].type_name, ())
        return FragmentSelection(
            found[0].type_name, self.merge(*(fragment.selections for fragment in found), outer=outer), expansion
        )

    def _merge_expansions(
        self, found: list[tuple[FragmentSelection, ...]], outer: frozenset[_Leaf]
    ) -> tuple[FragmentSelection, ...]:
        merged = self.merge(*found, outer=outer) if any(found) else ()
        return fragments_of(merged)


def _is_covered(leaf: _Leaf, outer: frozenset[_Leaf], leaves: frozenset[_Leaf]) -> bool:
    """Whether *leaf* is selected around its fragment, or under a weaker condition, anyway, and not later."""
    identity, mark = leaf
    if leaf in outer or (mark and (identity, NOW) in outer):
        return True
    *names, condition = identity
    return bool(condition) and any(
        other[:3] == tuple(names) and other[3] < condition and others_mark in {NOW, mark}
        for other, others_mark in leaves
    )
