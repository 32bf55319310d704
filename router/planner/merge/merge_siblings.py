"""
Makes one step of several that ask one subgraph for the objects at one place.

They come apart because an object was reached in several ways (for each of its types, by several keys, plainly and
with a requirement). Together they must not make anything wait that did not, so two steps become one only if

- neither comes after the other, however indirectly,
- what they send for each type agrees (`merge_inputs`), and
- what comes after the earlier one would not come later than it did.
"""

from collections.abc import Sequence

from router.plan.nodes import Path
from router.planner.arrange import find_levels
from router.planner.fetch_step import FetchStep, StepKind, merge_inputs


def merge_siblings(steps: Sequence[FetchStep]) -> list[FetchStep]:
    """The steps that are left, with what the others asked and sent."""
    groups: dict[tuple[str, Path], list[FetchStep]] = {}
    for step in steps:
        if step.kind is StepKind.ENTITIES:
            groups.setdefault((step.subgraph, step.path), []).append(step)
    remaining = {step.id: step for step in steps}
    for group in groups.values():
        if len(group) > 1:
            _merge_group(group, remaining)
    return list(remaining.values())


def _merge_group(group: list[FetchStep], remaining: dict[int, FetchStep]) -> None:
    kept: list[FetchStep] = []
    levels = find_levels(remaining.values())
    for step in sorted(group, key=lambda step: -levels[step.id]):
        if not any(_merge(into, step, remaining) for into in kept):
            kept.append(step)


def _merge(into: FetchStep, step: FetchStep, remaining: dict[int, FetchStep]) -> bool:
    """Let *into*, which is not earlier, ask what *step* asks; False where it must not."""
    levels = find_levels(remaining.values())
    if _comes_after(into, step, remaining) or _comes_after(step, into, remaining):
        return False
    following = [each for each in remaining.values() if step.id in each.after]
    if any(levels[each.id] <= levels[into.id] for each in following):
        return False
    inputs = merge_inputs(into.inputs, step.inputs)
    if inputs is None:
        return False
    into.inputs = inputs
    for type_name, output in step.outputs.items():
        if type_name in into.outputs:
            into.outputs[type_name].merge(output)
        else:
            into.outputs[type_name] = output
    into.condition &= step.condition
    into.after |= step.after
    for each in following:
        each.after = (each.after - {step.id}) | {into.id}
    del remaining[step.id]
    return True


def _comes_after(step: FetchStep, other: FetchStep, remaining: dict[int, FetchStep]) -> bool:
    seen: set[int] = set()
    pending = list(step.after)
    while pending:
        step_id = pending.pop()
        if step_id == other.id:
            return True
        if step_id not in seen:
            seen.add(step_id)
            pending.extend(remaining[step_id].after)
    return False
