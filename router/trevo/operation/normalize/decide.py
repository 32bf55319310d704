"""
Takes a variable of `@include` and `@skip` as given.

    { a @include(if: $v) b a @skip(if: $v) }      with $v true:  { a b }      with $v false:  { b a }

For mutations, whose order may depend on a condition: where one response key is selected twice, the first selection
that holds says when it runs.
"""

from dataclasses import replace

from trevo.operation.normalize.merge import merge_selections
from trevo.operation.selection import TYPENAME, FieldSelection, FragmentSelection, Selection, Selections, fragments_of


def undecided_variable(selections: Selections) -> str | None:
    """A variable that decides which of several selections of one response key holds; None where there is none."""
    seen: dict[str, FieldSelection] = {}
    for selection in selections:
        if isinstance(selection, FieldSelection):
            before = seen.setdefault(selection.key, selection)
            if before.condition != selection.condition:
                return min(before.condition ^ selection.condition)[0]
    return None


def decide(selections: Selections, variable: str, *, value: bool) -> Selections:
    """What is left of *selections* where *variable* has this *value*, without mention of it."""
    return merge_selections(_decide(selections, variable, value=value), run_in_order=True)


def _decide(selections: Selections, variable: str, *, value: bool) -> Selections:
    kept: list[Selection] = []
    for selection in selections:
        inner = _decide(selection.selections, variable, value=value)
        expansion = _decide_by_type(selection.expansion, variable, value=value)
        if isinstance(selection, FragmentSelection):
            if inner and (expansion or not selection.expansion):
                kept.append(FragmentSelection(selection.type_name, inner, expansion))
        elif (variable, not value) not in selection.condition:
            if selection.selections and not inner:
                inner = (TYPENAME,)
            condition = selection.condition - {(variable, value)}
            fallback = _decide_by_type(selection.fallback, variable, value=value)
            kept.append(
                replace(selection, condition=condition, selections=inner, expansion=expansion, fallback=fallback)
            )
    return tuple(kept)


def _decide_by_type(
    by_type: tuple[FragmentSelection, ...], variable: str, *, value: bool
) -> tuple[FragmentSelection, ...]:
    return fragments_of(_decide(by_type, variable, value=value))
