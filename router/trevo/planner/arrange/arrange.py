"""
The last stage: steps in waves, waves in a sequence.

A step goes into the first wave after all it needs; or into a later one, where that saves a request and nothing has to
wait for it. In a wave, entity steps that ask one subgraph under one condition become one request with several calls,
and those of them that ask the same in the same way become one call.
"""

from collections.abc import Mapping, Sequence

from trevo.operation.selection import ALWAYS, Condition
from trevo.plan import nodes
from trevo.planner.arrange.write_documents import WrittenSelections, write_selections
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, StepKind, find_levels
from trevo.planner.errors import PlanningError
from trevo.planner.limits import Budget

VariableDefinitions = Mapping[str, str]
"""The client's variables with type and default as text: `{"n": "Int = 10"}`."""


def arrange(steps: Sequence[FetchStep], variables: VariableDefinitions, budget: Budget) -> nodes.QueryPlan:
    """The finished plan."""
    waves: dict[int, list[FetchStep]] = {}
    levels = _wait_for_company(steps, find_levels(steps))
    for step in steps:
        waves.setdefault(levels[step.id], []).append(step)
    sequence = [_arrange_wave(waves[level], variables) for level in sorted(waves)]
    plan = nodes.QueryPlan(_in_sequence(sequence))
    budget.check_fetches(plan.fetch_count)
    return plan


def listen_first(plan: nodes.QueryPlan) -> nodes.QueryPlan:
    """The *plan* of a subscription: everything in it comes after its one root fetch, and so does for each event."""
    match plan.root:
        case nodes.Fetch() as primary:
            return nodes.QueryPlan(nodes.Subscription(primary, None))
        case nodes.Sequence((nodes.Fetch() as primary, *rest)):
            return nodes.QueryPlan(nodes.Subscription(primary, _in_sequence(rest)))
    raise PlanningError("The root field of a subscription cannot stand under a condition.")


_Request = tuple[str, Condition]


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
        for before in step.after:
            following.setdefault(before, []).append(step.id)
        if step.kind is StepKind.ENTITIES:
            by_level = requests.setdefault((step.subgraph, step.condition), {})
            by_level.setdefault(levels[step.id], []).append(step)
    for level in range(last - 1, -1, -1):
        for by_level in requests.values():
            waiting = by_level.get(level, [])
            room = min((levels[each] - 1 for step in waiting for each in following.get(step.id, ())), default=last)
            company = min((later for later in by_level if level < later <= room), default=None)
            if waiting and company is not None:
                by_level[company] += by_level.pop(level)
                levels.update((step.id, company) for step in waiting)
    return levels


def _arrange_wave(steps: list[FetchStep], variables: VariableDefinitions) -> nodes.PlanNode:
    requests: dict[tuple[object, ...], list[FetchStep]] = {}
    for step in steps:
        alone = () if step.kind is StepKind.ENTITIES else (step.id,)
        requests.setdefault((step.subgraph, step.condition, *alone), []).append(step)
    by_condition: dict[Condition, list[nodes.PlanNode]] = {}
    for together in requests.values():
        condition = together[0].condition
        by_condition.setdefault(condition, []).append(_make_fetch(together, condition, variables))
    return _in_parallel(
        [
            each
            for condition, fetches in by_condition.items()
            for each in (fetches if condition == ALWAYS else [_under(condition, _in_parallel(fetches))])
        ]
    )


def _make_fetch(steps: list[FetchStep], condition: Condition, variables: VariableDefinitions) -> nodes.Fetch:
    first = steps[0]
    if first.kind is StepKind.ENTITIES:
        return _make_entity_fetch(steps, condition, variables)
    written = write_selections(first.outputs, condition, by_type=False)
    head = _head(first.kind.value, [f"${name}: {variables[name]}" for name in written.variables])
    return nodes.Fetch(
        first.subgraph,
        first.kind.value,
        head + written.text,
        written.variables,
        renames=written.renames,
        path=first.path,
    )


_CallShape = tuple[tuple[nodes.RepresentationInput, ...], WrittenSelections]


def _make_entity_fetch(steps: list[FetchStep], condition: Condition, variables: VariableDefinitions) -> nodes.Fetch:
    paths: dict[_CallShape, dict[nodes.Path, None]] = {}
    for step in steps:
        inputs = tuple(
            nodes.RepresentationInput(each.type_names, each.typename, each.selections, each.is_for_some_types)
            for each in step.inputs
        )
        written = write_selections(step.outputs, condition, by_type=True)
        paths.setdefault((inputs, written), {})[step.path] = None

    used = tuple(dict.fromkeys(name for _, written in paths for name in written.variables))
    names = _representation_names(len(paths), used)
    definitions = [f"${name}: {variables[name]}" for name in used] + [f"${name}: [_Any!]!" for name in names]
    keys = ["_entities"] if len(paths) == 1 else [f"_e{index}" for index in range(len(paths))]
    fields = [
        f"{'' if key == '_entities' else f'{key}: '}_entities(representations: ${name}) {written.text}"
        for key, name, (_, written) in zip(keys, names, paths, strict=True)
    ]
    calls = tuple(
        nodes.EntityCall(key, name, tuple(found), inputs, written.renames)
        for key, name, ((inputs, written), found) in zip(keys, names, paths.items(), strict=True)
    )
    document = f"{_head('query', definitions)}{{ {' '.join(fields)} }}"
    return nodes.Fetch(steps[0].subgraph, "query", document, used, calls)


def _representation_names(count: int, used: tuple[str, ...]) -> list[str]:
    prefix = "representations"
    while any(name.startswith(prefix) for name in used):
        prefix = f"_{prefix}"
    return [prefix] if count == 1 else [f"{prefix}{index}" for index in range(count)]


def _head(kind: str, definitions: list[str]) -> str:
    if definitions:
        return f"{kind} ({', '.join(definitions)}) "
    return "" if kind == "query" else f"{kind} "


def _under(condition: Condition, node: nodes.PlanNode) -> nodes.PlanNode:
    for variable, wanted in sorted(condition, reverse=True):
        node = nodes.Condition(variable, node, None) if wanted else nodes.Condition(variable, None, node)
    return node


def _in_parallel(found: list[nodes.PlanNode]) -> nodes.PlanNode:
    return found[0] if len(found) == 1 else nodes.Parallel(tuple(found))


def _in_sequence(found: list[nodes.PlanNode]) -> nodes.PlanNode | None:
    if not found:
        return None
    joined = _join_conditions(found)
    return joined[0] if len(joined) == 1 else nodes.Sequence(tuple(joined))


def _join_conditions(found: list[nodes.PlanNode]) -> list[nodes.PlanNode]:
    """Neighbours under one condition stand in one Condition."""
    joined: list[nodes.PlanNode] = []
    for node in found:
        before = joined[-1] if joined else None
        if (
            isinstance(node, nodes.Condition)
            and isinstance(before, nodes.Condition)
            and node.variable == before.variable
            and bool(node.if_true) == bool(before.if_true)
        ):
            inner = [*_items(before.if_true or before.if_false), *_items(node.if_true or node.if_false)]
            sequence = _in_sequence(inner)
            joined[-1] = nodes.Condition(
                node.variable, sequence if node.if_true else None, sequence if node.if_false else None
            )
        else:
            joined.append(node)
    return joined


def _items(node: nodes.PlanNode | None) -> tuple[nodes.PlanNode, ...]:
    if node is None:
        return ()
    return node.nodes if isinstance(node, nodes.Sequence) else (node,)
