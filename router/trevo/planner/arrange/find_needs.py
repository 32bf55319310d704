"""
What must have been answered before a step can be sent.

A step comes after those that the third stage says: they find its objects and bring what it sends. Beside these others
may write what it reads. Two subgraphs may both resolve a shared object; one of them says null, or fails, and the other
brings it. So a step also comes after every step of an earlier wave that may write its objects, or a member of them that
it sends, or one that it reads further up for a context. What it finds then does not depend on who answers first, nor
on what goes together with it.

What its objects lie in is not waited for: who brings them brings that as well, and who brings something else of it
leads to none of them. Nor is what is wanted later, or for another deferred fragment.

    reads of a step at `user.orders.@` that sends `id`      user.orders   user.orders.id
    writes of a step at `user` that asks `{ orders { id } }`      user.orders   user.orders.id
"""

from collections.abc import Iterator, Mapping, Sequence

from trevo.operation.deferral import is_later
from trevo.plan.nodes import Key, OnTypes, Path, RepresentationField, RepresentationSelection
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, Output

_Member = tuple[str, ...]
"""The response keys that lead to a member of an object in the data tree."""


def find_needs(steps: Sequence[FetchStep], levels: Mapping[int, int]) -> dict[int, set[int]]:
    """
    For each step that can go alone, those it comes after, without the ones that these come after themselves.

    By ids. *levels* says in which wave each is.
    """
    units = sorted((unit for step in steps for unit in step.units), key=lambda unit: levels[unit.id])
    writers: dict[_Member, list[FetchStep]] = {}
    for unit in units:
        for member in _writes(unit):
            writers.setdefault(member, []).append(unit)
    position = {unit.id: index for index, unit in enumerate(units)}
    # Sets of positions as bits of a number: what comes before each, however indirectly.
    before: dict[int, int] = {}
    needs: dict[int, set[int]] = {}
    for unit in units:
        level = levels[unit.id]
        direct = unit.after | {
            writer.id
            for member in _reads(unit)
            for writer in writers.get(member, ())
            if levels[writer.id] < level and not is_later(writer.deferred, unit.deferred)
        }
        implied = 0
        for each in direct:
            implied |= before[each]
        needs[unit.id] = {each for each in direct if not implied >> position[each] & 1}
        before[unit.id] = implied
        for each in direct:
            before[unit.id] |= 1 << position[each]
    return needs


def _writes(step: FetchStep) -> Iterator[_Member]:
    place = _keys_of(step.path)
    for output in step.outputs.values():
        yield from _members_in(output, place)


def _members_in(output: Output, place: _Member) -> Iterator[_Member]:
    if output.needs_typename:
        yield (*place, "__typename")
    for asked in output.fields.values():
        member = (*place, asked.key)
        yield member
        if asked.output is not None:
            yield from _members_in(asked.output, member)
    for inner in output.fragments.values():
        yield from _members_in(inner, place)


def _reads(step: FetchStep) -> Iterator[_Member]:
    place: _Member = ()
    for segment in step.path:
        if isinstance(segment, Key):
            place = (*place, segment.name)
        elif isinstance(segment, OnTypes):
            yield (*place, "__typename")
    yield place
    for sent in step.inputs:
        yield (*place, "__typename")
        yield from _reads_below(place, sent.selections)
    for context in step.contexts:
        for source in context.sources:
            above = place[: -source.level]
            yield (*above, "__typename")
            yield from _reads_below(above, source.selections)


def _reads_below(place: _Member, selections: tuple[RepresentationSelection, ...]) -> Iterator[_Member]:
    for selection in selections:
        if isinstance(selection, RepresentationField):
            member = (*place, selection.source)
            yield member
            yield from _reads_below(member, selection.selections)
        else:
            yield (*place, "__typename")
            yield from _reads_below(place, selection.selections)


def _keys_of(path: Path) -> _Member:
    return tuple(segment.name for segment in path if isinstance(segment, Key))
