"""
What can be known of a plan before it runs, worked out once and cached with it: how representations are read, what a
request is called in its document, and for each part who goes on when it has been answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trevo.execute.representations import PreparedInputs, prepare_inputs
from trevo.plan.conditions import UNCONDITIONALLY
from trevo.plan.documents import representation_variables, response_keys
from trevo.plan.inputs import merge_inputs
from trevo.plan.nodes import EntityCall, Fetch, Part, Path, QueryPlan, RepresentationInput


@dataclass(frozen=True, slots=True, eq=False)
class PreparedCall:
    """What can be known of one call."""

    node: EntityCall
    inputs: PreparedInputs


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPart:
    """A part, and what asks for it alone."""

    node: Part
    fetch: int
    """The number, in the plan, of the fetch that it is a part of."""
    alone: PreparedCall | None
    """None for root fields."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedFetch:
    """What can be known of one fetch."""

    node: Fetch
    parts: tuple[PreparedPart, ...]
    calls: tuple[PreparedCall, ...]
    parts_of: tuple[tuple[PreparedPart, ...], ...]
    """By the number of a call: the parts that go together in it."""
    is_conditional: bool
    """Whether some of the parts are under conditions."""
    response_keys: Sequence[str]
    """What the calls are called where all of them go."""
    representation_variables: Sequence[str]
    """The variables that then take what is sent."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPlan:
    """A plan, and what is known of it."""

    node: QueryPlan
    primary: PreparedFetch | None
    fetches: tuple[PreparedFetch, ...]
    first: tuple[PreparedPart, ...]
    """The parts that need nothing."""
    following: tuple[tuple[PreparedPart, ...], ...]
    """By the number of a part: those that need it."""
    needs: tuple[int, ...]
    """By the number of a part: how many it needs."""


def prepare_plan(plan: QueryPlan) -> PreparedPlan:
    """What can be known of *plan*, with all its fetches."""
    known: _Known = {}
    fetches = tuple(_prepare_fetch(number, fetch, known) for number, fetch in enumerate(plan.fetches))
    parts = sorted((part for fetch in fetches for part in fetch.parts), key=lambda part: part.node.id)
    following: list[list[PreparedPart]] = [[] for _ in parts]
    for part in parts:
        for before in part.node.after:
            # So there is no cycle, and nothing can wait for itself.
            if parts[before].fetch >= part.fetch:
                raise ValueError(f"The part {part.node.id} of a plan needs the part {before}, which is not before it.")
            following[before].append(part)
    return PreparedPlan(
        plan,
        _prepare_fetch(-1, plan.primary, known) if plan.primary else None,
        fetches,
        tuple(part for part in parts if not part.node.after),
        tuple(map(tuple, following)),
        tuple(len(part.node.after) for part in parts),
    )


_Known = dict[tuple[RepresentationInput, ...], PreparedInputs]
"""What many calls have in common: most objects are sent in one way, wherever they are found."""


def _prepare_fetch(number: int, fetch: Fetch, known: _Known) -> PreparedFetch:
    calls = tuple(_prepare_call(call, known) for call in fetch.calls)
    parts = tuple(PreparedPart(part, number, _alone(part, calls, known)) for part in fetch.parts)
    parts_of = tuple(tuple(part for part in parts if part.node.call == call) for call in range(len(calls)))
    return PreparedFetch(
        fetch,
        parts,
        calls,
        parts_of,
        any(part.node.conditions != UNCONDITIONALLY for part in parts),
        response_keys(len(calls)),
        representation_variables(len(calls), fetch.variables),
    )


def _alone(part: Part, calls: tuple[PreparedCall, ...], known: _Known) -> PreparedCall | None:
    """What asks for *part* alone, which often is its call."""
    if part.alone is None:
        return None
    whole = calls[part.call]
    return whole if part.alone == whole.node else _prepare_call(part.alone, known)


def call_for(fetch: PreparedFetch, number: int, wanted: Sequence[PreparedPart]) -> PreparedCall:
    """
    The *number*-th call of *fetch* where of its parts only some are *wanted*.

    It asks in the same words, for what is not wanted stands under conditions there. It is about the objects of these
    parts alone, and sends what they need: for the others nobody has asked what would be sent.
    """
    whole = fetch.calls[number]
    if len(wanted) == len(fetch.parts_of[number]):
        return whole
    inputs: list[RepresentationInput] = []
    paths: set[Path] = set()
    for part in wanted:
        assert part.alone is not None  # noqa: S101 - a part of a call
        merged = merge_inputs(inputs, [*part.alone.node.inputs])
        assert merged is not None  # noqa: S101 - those of all parts agree
        inputs = merged
        paths.update(part.alone.node.paths)
    about = tuple(path for path in whole.node.paths if path in paths)
    call = replace(whole.node, paths=about, inputs=tuple(inputs))
    return whole if call == whole.node else _prepare_call(call, {})


def _prepare_call(call: EntityCall, known: _Known) -> PreparedCall:
    inputs = known.get(call.inputs)
    if inputs is None:
        inputs = known[call.inputs] = prepare_inputs(call.inputs)
    return PreparedCall(call, inputs)
