"""
Takes out of fragments what is asked of the same object around them.

    { __typename id ... on Book { __typename id title } }      becomes      { __typename id ... on Book { title } }

Besides shorter documents, fewer fields clash by the subgraph's types (see `write_documents`).
"""

from collections.abc import Iterable

from router.operation.selection import ALWAYS, Condition
from router.planner.fetch_step import FetchStep, Output

_Leaf = tuple[str, Condition]


def drop_repeated(steps: Iterable[FetchStep]) -> list[FetchStep]:
    """The same steps, asking nothing twice."""
    kept = list(steps)
    seen: set[int] = set()
    for step in kept:
        for output in step.outputs.values():
            _drop(output, frozenset(), seen)
    return kept


def _drop(output: Output, around: frozenset[_Leaf], seen: set[int]) -> None:
    if output.needs_typename:
        around |= {("__typename", ALWAYS)}
    for identity, field in list(output.fields.items()):
        if field.output is not None:
            if id(field.output) not in seen:
                seen.add(id(field.output))
                _drop(field.output, frozenset(), seen)
        elif identity in around or (field.key, ALWAYS) in around:
            del output.fields[identity]
    around |= {identity for identity, field in output.fields.items() if field.output is None}
    for type_name, inner in list(output.fragments.items()):
        _drop(inner, around, seen)
        if not inner.fields and not inner.fragments and not inner.needs_typename:
            del output.fragments[type_name]
