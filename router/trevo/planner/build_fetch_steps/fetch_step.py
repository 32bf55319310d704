"""
A fetch step: one question to one subgraph, and the steps that must be answered before it.

Steps are made from the tree, put together where fewer do, and last arranged in waves and written as documents.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from trevo.operation.deferral import NOW, Mark, sooner
from trevo.plan.conditions import UNCONDITIONALLY, Condition, Conditions, in_common
from trevo.plan.nodes import (
    ContextSource,
    Path,
    RepresentationInput,
)


@dataclass(frozen=True, slots=True)
class ContextValue:
    """An argument that objects above say."""

    argument: str
    type_text: str
    sources: tuple[ContextSource, ...]


@dataclass(slots=True, eq=False)
class OutputField:
    """A field that a subgraph is asked for, told from others by being itself."""

    key: str
    name: str
    arguments: str
    variables: tuple[str, ...]
    condition: Condition
    type_text: str
    """Its type as the subgraph declares it."""
    output: "Output | None"
    """None for a leaf."""
    contexts: tuple[ContextValue, ...] = ()
    """The arguments that are not the client's."""

    def copy(self) -> "OutputField":
        """The same, sharing nothing that changes."""
        return replace(self, output=self.output and self.output.copy())


@dataclass(slots=True, eq=False)
class Output:
    """What a subgraph is asked of an object, told from others by being itself."""

    needs_typename: bool = False
    """Set where the object can be of several types."""
    fields: dict[tuple[str, Condition], OutputField] = field(default_factory=dict)
    """By key and arguments, directives included, and condition."""
    fragments: "dict[str, Output]" = field(default_factory=dict)
    """By object type."""

    def copy(self) -> "Output":
        """The same, sharing nothing that changes."""
        return Output(
            self.needs_typename,
            {identity: field.copy() for identity, field in self.fields.items()},
            {type_name: inner.copy() for type_name, inner in self.fragments.items()},
        )

    def merge(self, other: "Output") -> None:
        """Ask for everything that *other* asks for too. Takes parts of it over."""
        self.needs_typename |= other.needs_typename
        for identity, theirs in other.fields.items():
            ours = self.fields.get(identity)
            if ours is None:
                self.fields[identity] = theirs
            elif ours.output is not None and theirs.output is not None:
                ours.output.merge(theirs.output)
        for type_name, output in other.fragments.items():
            if type_name in self.fragments:
                self.fragments[type_name].merge(output)
            else:
                self.fragments[type_name] = output


class StepKind(Enum):
    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"
    ENTITIES = "entities"


@dataclass(slots=True)
class FetchStep:
    """One question: root fields, or fields of the entities found at *path*."""

    id: int
    kind: StepKind
    subgraph: str
    path: Path
    """Where the answer goes. Of which of the objects there, the inputs say."""
    inputs: list[RepresentationInput] = field(default_factory=list)
    outputs: dict[str, Output] = field(default_factory=dict)
    """By the type that the subgraph is asked for."""
    after: set[int] = field(default_factory=set)
    """The steps whose answers are needed."""
    conditions: Conditions = UNCONDITIONALLY
    """When the step is of use."""
    contexts: frozenset[ContextValue] = frozenset()
    """All that its outputs take from objects above."""
    deferred: Mark = NOW
    """For which deferred fragments alone it is asked."""
    parts: "list[FetchStep]" = field(default_factory=list)
    """The steps that have become one question with this one, and what this one was itself; each could go alone."""

    @property
    def condition(self) -> Condition:
        """What holds whenever it is of use."""
        return in_common(self.conditions)

    @property
    def units(self) -> "list[FetchStep]":
        """What can go alone: the parts, or the step that has none."""
        return self.parts or [self]

    @property
    def needs(self) -> set[int]:
        """The steps whose answers the whole needs."""
        return set[int]().union(*(unit.after for unit in self.units))

    def ask_too(self, outputs: dict[str, Output]) -> None:
        """Ask for everything that *outputs* ask for. Takes parts of them over."""
        for type_name, output in outputs.items():
            if type_name in self.outputs:
                self.outputs[type_name].merge(output)
            else:
                self.outputs[type_name] = output

    def copy(self) -> "FetchStep":
        """The same, sharing nothing that changes."""
        outputs = {type_name: output.copy() for type_name, output in self.outputs.items()}
        return replace(self, inputs=list(self.inputs), outputs=outputs, after=set(self.after), parts=[])


def arguments_in(output: Output) -> Iterator[str]:
    """The texts of all arguments in *output*."""
    for asked in output.fields.values():
        yield asked.arguments
        if asked.output:
            yield from arguments_in(asked.output)
    for inner in output.fragments.values():
        yield from arguments_in(inner)


def hasten(steps: Iterable[FetchStep]) -> None:
    """Let each of *steps* be for all for whom those are that come after it."""
    by_id = {step.id: step for step in steps}
    pending = [step for step in by_id.values() if step.after]
    while pending:
        step = pending.pop()
        for each in step.after:
            before = by_id.get(each)
            if before is not None and (mark := sooner(before.deferred, step.deferred)) != before.deferred:
                before.deferred = mark
                pending.append(before)


def find_levels(steps: Iterable[FetchStep]) -> dict[int, int]:
    """For each step, and each part of one, by its id: how many waves come before it."""
    by_id = {unit.id: step for step in steps for unit in step.units}
    needs = {step.id: step.needs for step in by_id.values()}
    levels: dict[int, int] = {}
    pending = list(needs)
    while pending:
        step_id = pending[-1]
        missing = [by_id[before].id for before in needs[step_id] if before not in levels]
        if missing:
            pending += missing
            continue
        pending.pop()
        level = 1 + max((levels[before] for before in needs[step_id]), default=-1)
        levels.update((unit.id, level) for unit in by_id[step_id].units)
    return levels
