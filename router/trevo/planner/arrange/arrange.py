"""
The last stage: steps become requests, in the order in which they are drawn, each with the document that asks for it.

A step belongs to the first wave after all it needs; or to a later one, where that saves a request and nothing has to
wait for it. In a wave, entity steps that ask one subgraph under one condition become one request with several calls,
and those of them that ask the same in the same way become one call. Waves say who may go together and no more: each
part of a request knows what it needs itself (`find_needs`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from trevo.operation.deferral import Mark, numbers_of
from trevo.plan import nodes
from trevo.plan.conditions import Condition, Conditions
from trevo.plan.documents import variables_of, write_entities
from trevo.plan.nodes import Path
from trevo.planner.arrange.find_needs import find_needs
from trevo.planner.arrange.write_documents import WrittenSelections, write_selections
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, StepKind, arguments_in, find_levels
from trevo.planner.errors import PlanningError
from trevo.planner.limits import Budget

VariableDefinitions = Mapping[str, str]
"""The client's variables with type and default as text: `{"n": "Int = 10"}`."""


def arrange(steps: Sequence[FetchStep], variables: VariableDefinitions, budget: Budget) -> nodes.QueryPlan:
    """The finished plan."""
    levels = _wait_for_company(steps, find_levels(steps))
    requests: dict[tuple[object, ...], list[FetchStep]] = {}
    for step in sorted(steps, key=lambda step: (levels[step.id], bool(step.deferred))):
        alone = () if step.kind is StepKind.ENTITIES else (step.id,)
        requests.setdefault((levels[step.id], step.subgraph, step.condition, step.deferred, *alone), []).append(step)
    budget.check_fetches(len(requests))
    writing = _Writing(variables, _free_prefix(steps, variables), find_needs(steps, levels))
    fetches = [_make_fetch(together, writing) for together in requests.values()]
    budget.check_time()
    return nodes.QueryPlan(tuple(fetches))


def listen_first(plan: nodes.QueryPlan) -> nodes.QueryPlan:
    """The *plan* of a subscription: everything in it comes after its one root fetch, and so does for each event."""
    primary, *rest = plan.fetches
    if primary.condition:
        raise PlanningError("The root field of a subscription cannot stand under a condition.")
    (root,) = primary.parts
    return nodes.QueryPlan(tuple(_without(fetch, root.id) for fetch in rest), primary)


def _without(fetch: nodes.Fetch, before: int) -> nodes.Fetch:
    """*fetch*, not after the part *before*, which was the first of all."""
    parts = (
        replace(part, id=part.id - 1, after=tuple(each - 1 for each in part.after if each != before))
        for part in fetch.parts
    )
    return replace(fetch, parts=tuple(parts))


def _free_prefix(steps: Iterable[FetchStep], variables: VariableDefinitions) -> str:
    """What neither a variable of the client's begins with, nor stands in any text that is written."""
    prefix = "_context_"
    if any(step.contexts for step in steps):
        texts = (*variables, *(text for step in steps for each in step.outputs.values() for text in arguments_in(each)))
        while any(prefix in text for text in texts):
            prefix = f"_{prefix}"
    return prefix


_Request = tuple[str, Condition, Mark]


def _wait_for_company(steps: Sequence[FetchStep], levels: dict[int, int]) -> dict[int, int]:
    """
    Later levels for steps that can go with a later request to the same subgraph, so that an earlier one is saved.

    All steps of the earlier request have to be able to wait: what comes after them must not come before the later
    one. The last levels are looked at first, as what moves there makes room before it.
    """
    levels = dict(levels)
    last = max(levels.values(), default=0)
    following: dict[int, list[int]] = {}
    requests: dict[_Request, dict[int, list[FetchStep]]] = {}
    for step in steps:
        for before in step.needs:
            following.setdefault(before, []).append(step.id)
        if step.kind is StepKind.ENTITIES:
            by_level = requests.setdefault((step.subgraph, step.condition, step.deferred), {})
            by_level.setdefault(levels[step.id], []).append(step)
    for level in range(last - 1, -1, -1):
        for by_level in requests.values():
            waiting = by_level.get(level, [])
            waited_for = (each for step in waiting for unit in step.units for each in following.get(unit.id, ()))
            room = min((levels[each] - 1 for each in waited_for), default=last)
            company = min((later for later in by_level if level < later <= room), default=None)
            if waiting and company is not None:
                by_level[company] += by_level.pop(level)
                levels.update((unit.id, company) for step in waiting for unit in step.units)
    return levels


@dataclass(slots=True)
class _Writing:
    """What all documents of a plan have in common, and the numbers of parts, in the order of the plan."""

    variables: VariableDefinitions
    context_prefix: str
    """What variables for contexts are called, before their numbers."""
    needs: Mapping[int, set[int]]
    """By the id of a step or a part of one: those it comes after."""
    numbers: dict[int, int] = field(default_factory=dict)
    """By the same ids: the part that the step has become."""
    count: int = 0
    shapes: "dict[_Shape, _Shape]" = field(default_factory=dict)
    """Equal ones are one: plans are kept."""

    def after(self, unit: FetchStep) -> tuple[int, ...]:
        return tuple(sorted({self.numbers[each] for each in self.needs[unit.id]}))

    def number(self, units: Iterable[FetchStep]) -> int:
        number, self.count = self.count, self.count + 1
        self.numbers.update((unit.id, number) for unit in units)
        return number


def _make_fetch(steps: list[FetchStep], writing: _Writing) -> nodes.Fetch:
    first = steps[0]
    if first.kind is StepKind.ENTITIES:
        return _make_entity_fetch(steps, writing)
    written = write_selections(first.outputs, first.condition, by_type=False)
    definitions = ", ".join(f"${name}: {writing.variables[name]}" for name in written.variables)
    kind = first.kind.value
    head = f"{kind} ({definitions}) " if definitions else "" if kind == "query" else f"{kind} "
    after = writing.after(first)
    return nodes.Fetch(
        first.subgraph,
        kind,
        head + written.text,
        (nodes.Part(writing.number([first]), after, first.conditions),),
        written.variables,
        renames=written.renames,
        outputs=written.outputs,
        path=first.path,
        deferred=numbers_of(first.deferred),
    )


_Shape = tuple[tuple[nodes.RepresentationInput, ...], WrittenSelections]
"""What is sent and what is asked."""


def _make_entity_fetch(steps: list[FetchStep], writing: _Writing) -> nodes.Fetch:
    alike: dict[_Shape, list[FetchStep]] = {}
    for step in steps:
        alike.setdefault(_shape(step, steps[0].condition, writing), []).append(step)
    calls: list[nodes.EntityCall] = []
    parts: list[nodes.Part] = []
    for shape, together in alike.items():
        call = _call(shape, _paths_of(together))
        parts += _parts(len(calls), call, together, writing)
        calls.append(call)
    used = variables_of(calls)
    definitions = {name: writing.variables[name] for name in dict.fromkeys((*used, *_used_alone(parts)))}
    return nodes.Fetch(
        steps[0].subgraph,
        "query",
        write_entities(calls, definitions),
        tuple(parts),
        used,
        tuple(calls),
        tuple(definitions.items()),
        deferred=numbers_of(steps[0].deferred),
    )


def _shape(step: FetchStep, holding: Condition, writing: _Writing) -> _Shape:
    written = write_selections(step.outputs, holding, by_type=True, context_prefix=writing.context_prefix)
    shape = tuple(step.inputs), written
    return writing.shapes.setdefault(shape, shape)


def _call(shape: _Shape, paths: tuple[Path, ...]) -> nodes.EntityCall:
    inputs, written = shape
    return nodes.EntityCall(
        paths, inputs, written.text, written.outputs, written.variables, written.renames, written.contexts
    )


def _paths_of(steps: Iterable[FetchStep]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(step.path for step in steps))


def _parts(number: int, call: nodes.EntityCall, steps: list[FetchStep], writing: _Writing) -> list[nodes.Part]:
    """The parts of *call*, the *number*-th of its fetch. Those that are ready together and ask alike are one."""
    found: dict[tuple[tuple[int, ...], Conditions, _Shape | None], list[FetchStep]] = {}
    for step in steps:
        for unit in step.units:
            # Without parts, a step asks as the whole call does.
            shape = _shape(unit, unit.condition, writing) if step.parts else None
            found.setdefault((writing.after(unit), unit.conditions, shape), []).append(unit)
    return [
        nodes.Part(writing.number(units), after, conditions, number, _alone(call, shape, _paths_of(units)))
        for (after, conditions, shape), units in found.items()
    ]


def _alone(call: nodes.EntityCall, shape: _Shape | None, paths: tuple[Path, ...]) -> nodes.EntityCall:
    """What asks for a part of *call* that asks in *shape*, if not as *call* does, for the objects at *paths*."""
    if shape is not None:
        return _call(shape, paths)
    return call if paths == call.paths else replace(call, paths=paths)


def _used_alone(parts: Iterable[nodes.Part]) -> Iterable[str]:
    return (name for part in parts if part.alone for name in part.alone.variables)
