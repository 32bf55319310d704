"""
Takes out what is asked of the same object anyway, around a fragment or under a weaker condition.

    { id price price @include(if: $a) ... on Book { id title } }   becomes   { id price ... on Book { title } }

Besides shorter documents, fewer fields clash by the subgraph's types (see `write_documents`).
"""

from collections.abc import Iterable

from trevo.plan.conditions import ALWAYS, Condition
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, Output

_Leaf = tuple[str, Condition]


def drop_repeated(steps: Iterable[FetchStep]) -> list[FetchStep]:
    """The same steps, asking nothing twice."""
    kept = list(steps)
    seen: set[Output] = set()
    for step in kept:
        for asking in (step, *step.parts):
            for output in asking.outputs.values():
                _drop(output, frozenset(), seen)
    return kept


def _drop(output: Output, around: frozenset[_Leaf], seen: set[Output]) -> None:
    """*around* are the leaves that are asked of the same object already."""
    if output.needs_typename:
        around |= {("__typename", ALWAYS)}
    leaves = around | {identity for identity, field in output.fields.items() if field.output is None}
    for identity, field in list(output.fields.items()):
        if field.output is None:
            if _is_covered(identity, around, leaves):
                del output.fields[identity]
        elif field.output not in seen:
            seen.add(field.output)
            _drop(field.output, frozenset(), seen)
    for type_name, inner in list(output.fragments.items()):
        _drop(inner, leaves, seen)
        if not inner.fields and not inner.fragments and not inner.needs_typename:
            del output.fragments[type_name]


def _is_covered(leaf: _Leaf, around: frozenset[_Leaf], leaves: frozenset[_Leaf]) -> bool:
    key, condition = leaf
    return leaf in around or any(other == key and weaker < condition for other, weaker in leaves)
