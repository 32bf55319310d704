"""
Makes one step of several that ask one subgraph for the objects at one place, for the same deferred fragments if any.

They come apart because an object was reached in several ways (for each of its types, by several keys, plainly and
with a requirement). Together they must not make anything wait that did not, so two steps become one only if

- what they send for each type agrees (`merge_inputs`),
- what both ask of one type, they ask for the same objects (a `@interfaceObject` stands for objects of many types, of
  which one step may have sent what a field requires and the other not), and
- what comes after the earlier one would not come later than it did. This rules out as well that the later one comes
  after the earlier, at once or through others, and would have to wait for itself.

Steps that need the same are one for good. Others stay parts of the one: if what one of them needs is late or fails,
the other goes without it.
"""

from collections.abc import Sequence

from trevo.operation.deferral import Mark
from trevo.plan.conditions import any_of
from trevo.plan.inputs import merge_inputs
from trevo.plan.nodes import Path
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, StepKind, find_levels


def merge_siblings(steps: Sequence[FetchStep]) -> list[FetchStep]:
    """The steps that are left, with what the others asked and sent."""
    groups: dict[tuple[str, Path, Mark], list[FetchStep]] = {}
    for step in steps:
        if step.kind is StepKind.ENTITIES:
            groups.setdefault((step.subgraph, step.path, step.deferred), []).append(step)
    merging = _Merging(steps)
    for group in groups.values():
        if len(group) > 1:
            merging.merge_group(group)
    return list(merging.remaining.values())


class _Merging:
    def __init__(self, steps: Sequence[FetchStep]) -> None:
        self.remaining = {step.id: step for step in steps}
        self._units = dict(self.remaining)
        """Parts of others too."""
        self._levels: dict[int, int] = {}
        self._following: dict[int, set[int]] = {step.id: set() for step in steps}
        for step in steps:
            for before in step.after:
                self._following[before].add(step.id)

    def merge_group(self, group: list[FetchStep]) -> None:
        kept: list[FetchStep] = []
        levels = find_levels(self.remaining.values())
        self._levels = levels
        # The latest first: the others are put into it.
        for step in sorted(group, key=lambda step: -levels[step.id]):
            if not any(self._merge(into, step) for into in kept):
                kept.append(step)

    def _merge(self, into: FetchStep, step: FetchStep) -> bool:
        """Let *into*, which is not earlier, ask what *step* asks; False where it must not."""
        if any(self._levels[each] <= self._levels[into.id] for each in self._following[step.id]):
            return False
        inputs = merge_inputs(into.inputs, step.inputs)
        if inputs is None or not _ask_alike(into, step):
            return False
        twin = next((unit for unit in into.units if _need_alike(unit, step)), None)
        if twin is None:
            self._join(into, step)
        else:
            self._melt(into, twin, step)
        into.inputs = inputs
        into.conditions = any_of(into.conditions | step.conditions)
        del self.remaining[step.id]
        # No level has changed: *into* is as late as it was, and so is everything after it.
        return True

    def _join(self, into: FetchStep, step: FetchStep) -> None:
        """Make *step* a part of *into*."""
        if not into.parts:
            into.parts = [into.copy()]
            self._units[into.id] = into.parts[0]
        into.parts.append(step)
        into.ask_too(step.copy().outputs)
        self._levels[step.id] = self._levels[into.id]

    def _melt(self, into: FetchStep, twin: FetchStep, step: FetchStep) -> None:
        """Let *twin*, which is *into* or a part of it, stand for *step* too."""
        if twin is not into:
            into.ask_too(step.copy().outputs)
            twin.inputs = merge_inputs(twin.inputs, step.inputs) or twin.inputs
            twin.conditions = any_of(twin.conditions | step.conditions)
        twin.ask_too(step.outputs)
        for before in step.after:
            self._following[before] = (self._following[before] - {step.id}) | {twin.id}
        for each in self._following[step.id]:
            after = self._units[each].after
            self._units[each].after = (after - {step.id}) | {twin.id}
        self._following[twin.id] |= self._following[step.id]


def _need_alike(one: FetchStep, other: FetchStep) -> bool:
    """Whether neither can have what it needs, of one object, while the other lacks something."""
    alike = one.after == other.after and one.contexts == other.contexts
    return alike and all(
        ours == theirs for ours in one.inputs for theirs in other.inputs if ours.type_names & theirs.type_names
    )


def _ask_alike(one: FetchStep, other: FetchStep) -> bool:
    return all(
        {each.type_names for each in one.inputs if each.typename == type_name}
        == {each.type_names for each in other.inputs if each.typename == type_name}
        for type_name in one.outputs.keys() & other.outputs.keys()
    )
