"""
A plan and the shape of a response, as code.

    plan, projection, conditions  ──compile_program──▶  steps, each with its collectors; and what writes the response

The code knows only data without fault. What it cannot be written for is the interpreter's from the beginning
(`CannotCompile`), and so is, with the answers there are, what turns out to be unusual while it runs (`GiveUp`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from trevo.door import exact_json
from trevo.execute.errors import Failures
from trevo.execute.long_work import watched
from trevo.execute.prepare import PreparedCall, PreparedFetch, PreparedPart, PreparedPlan, call_for
from trevo.execute.representations import Unrepresentable, represent_below
from trevo.plan.conditions import hold
from trevo.plan.nodes import RepresentationField
from trevo.program.give_up import (
    ABSENT,
    NOTHING,
    UNKNOWN,
    merged,
    merged_or_absent,
    merged_or_none,
    none,
    present,
    unusual,
    without_key,
)
from trevo.program.layout import CannotCompile, Root, Spot, Table
from trevo.program.module import Module
from trevo.program.write_collect import write_collect
from trevo.program.write_projection import write_projection
from trevo.projection.build import Projection

Found = tuple[dict[Any, Any], list[dict[str, Any]]]
"""What objects are called, and for each its representation, in the same order."""

Tables = list[dict[Any, Any]]
"""
By slot: the answer to a request for root fields, or those to a call; what was not asked is empty. The first one has
what was written once of objects that may stand at many places.
"""


class _Written(dict[int, dict[Any, Any]]):
    """By the number of a function: what it has written, by what objects are called."""

    def __missing__(self, number: int) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        self[number] = made
        return made


GIVE_UPS_MAX = 10
"""In a row; then the interpreter has the operation for itself."""

_PASSING = frozenset({"errors", "failure", "late", "time"})
"""What a subgraph in trouble makes a program give up for; that tells nothing about the program."""


@dataclass(frozen=True, eq=False, slots=True)
class ProgramCall:
    """A call, and the code that finds what it asks about."""

    call: PreparedCall
    slot: int
    collect: Callable[[Tables], Found]


@dataclass(eq=False, slots=True)
class Step:
    """A fetch, as far as the conditions let it be of use."""

    number: int
    """Its place in the plan."""
    fetch: PreparedFetch
    slot: int = 0
    """Of root fields."""
    calls: tuple[ProgramCall, ...] = ()
    needs: tuple[frozenset[int], ...] = ()
    """For each of its parts: the numbers of the steps whose answers it needs."""
    following: list["Step"] = field(default_factory=list)

    all_needs: frozenset[int] = frozenset()
    has_company: bool = False
    """Whether some of its parts may be ready before others."""

    def __post_init__(self) -> None:
        self.all_needs = frozenset().union(*self.needs)
        self.has_company = len(set(self.needs)) > 1

    def is_ready_in_part(self, answered: set[int]) -> bool:
        """Whether some of its parts could go, when the steps *answered* have been."""
        return self.has_company and any(needs <= answered for needs in self.needs)


@dataclass(eq=False, slots=True)
class Program:
    """One operation under one set of conditions, ready to be run."""

    plan: PreparedPlan
    steps: tuple[Step, ...]
    first: tuple[Step, ...]
    """Those that need nothing."""
    slots: int
    """How many answers and tables there are."""
    project: Callable[[Tables], dict[str, Any]]
    module: Module
    told: set[str] = field(default_factory=set)
    """Why it gave up, of what the log has been told."""
    gave_up_in_a_row: int = 0
    """Whenever it ran of late, but for what will pass."""
    _weighed: int = 0

    def observe(self, gave_up: str | None) -> None:
        """It ran; *gave_up* says why that was for nothing, if it was."""
        if gave_up is None:
            self.gave_up_in_a_row = 0
        elif gave_up not in _PASSING:
            self.gave_up_in_a_row += 1

    @property
    def useless(self) -> CannotCompile | None:
        """Why it is not to be kept: the data are never what its code is for, or it has no code for them."""
        if self.gave_up_in_a_row >= GIVE_UPS_MAX:
            return CannotCompile("gives up")
        return self.module.lacks

    def tables(self) -> Tables:
        """For one request."""
        return [_Written(), *({} for _ in range(self.slots))]

    @property
    def text(self) -> str:
        """Its code, where that was kept."""
        return "\n\n".join(self.module.texts)

    @property
    def has_grown(self) -> bool:
        """Whether functions were written since it was weighed."""
        return self.module.functions != self._weighed

    def weigh(self) -> int:
        """Bytes that it takes in memory, without the plan."""
        self._weighed = self.module.functions
        return self.module.weight() + 400 * len(self.steps)


def compile_program(
    plan: PreparedPlan, projection: Projection, conditions: Mapping[str, bool], *, keep_text: bool = False
) -> Program:
    """The program that runs *plan* and writes *projection* under *conditions*. Raises CannotCompile."""
    if plan.primary is not None:
        raise CannotCompile("subscription")
    if any(fetch.node.deferred for fetch in plan.fetches):
        raise CannotCompile("deferred")
    if projection.lacks:
        raise CannotCompile("denied")
    try:
        return _Compiler(plan, projection, conditions, keep_text=keep_text).program()
    except RecursionError:
        raise CannotCompile("deep") from None


class _Compiler:
    def __init__(
        self, plan: PreparedPlan, projection: Projection, conditions: Mapping[str, bool], *, keep_text: bool
    ) -> None:
        self._plan = plan
        self._projection = projection
        self._conditions = conditions
        self._module = Module(_NAMES, keep_text=keep_text)
        self._parts = sorted((part for fetch in plan.fetches for part in fetch.parts), key=lambda part: part.node.id)
        self._needs = self._needs_of_parts()
        self._before: dict[int, frozenset[int]] = {}
        """By the number of a fetch: those that have been answered when it is asked."""
        self._roots: dict[int, Root] = {}
        self._tables: dict[int, list[Table]] = {}
        """By the number of a fetch."""
        self._slots = count(1)

    def program(self) -> Program:
        steps: list[Step] = []
        for number, fetch in enumerate(self._plan.fetches):
            if any(self._is_used(part) for part in fetch.parts):
                step = self._step(number, fetch)
                self._before[number] = step.all_needs.union(*(self._before[each] for each in step.all_needs))
                step.slot = self._lay_out(number, fetch)
                steps.append(step)
        collectors = self._write_collectors(steps)
        everything = [table for tables in self._tables.values() for table in tables]
        project = write_projection(self._module, self._projection, _root(self._roots.values(), everything))
        self._module.write()
        names = self._module.names
        for step in steps:
            step.calls = tuple(
                ProgramCall(table.call, table.slot, names[collectors[table]])
                for table in self._tables.get(step.number, ())
            )
            for other in steps:
                if other.number in step.all_needs:
                    other.following.append(step)
        first = tuple(step for step in steps if not step.all_needs)
        slots = len(self._roots) + len(everything)
        return Program(self._plan, tuple(steps), first, slots, names[project], self._module)

    def _is_used(self, part: PreparedPart) -> bool:
        return hold(part.node.conditions, self._conditions)

    def _needs_of_parts(self) -> list[frozenset[int]]:
        """By the number of a part: the fetches that it needs; what is of no use needs what it would have waited for."""
        needs: list[frozenset[int]] = []
        for part in self._parts:
            own: set[int] = set()
            for before in part.node.after:
                own |= {self._parts[before].fetch} if self._is_used(self._parts[before]) else needs[before]
            needs.append(frozenset(own))
        return needs

    def _lay_out(self, number: int, fetch: PreparedFetch) -> int:
        """The slot of root fields."""
        if fetch.node.path:
            raise CannotCompile("root below")
        if not fetch.calls:
            root = self._roots[number] = Root(self._slot(), fetch.node.outputs)
            return root.slot
        if any(call.node.contexts for call in fetch.calls):
            raise CannotCompile("context")
        roots, known = self._answered_before(number)
        before = frozenset({*(root.slot for root in roots), *(table.slot for table in known)})
        wanted = [[part for part in parts if self._is_used(part)] for parts in fetch.parts_of]
        self._tables[number] = [
            Table(self._slot(), call_for(fetch, of_call, parts), before)
            for of_call, parts in enumerate(wanted)
            if parts
        ]
        return 0

    def _answered_before(self, number: int) -> tuple[list[Root], list[Table]]:
        before = self._before[number]
        roots = [root for each, root in self._roots.items() if each in before]
        return roots, [table for each, tables in self._tables.items() if each in before for table in tables]

    def _slot(self) -> int:
        return next(self._slots)

    def _step(self, number: int, fetch: PreparedFetch) -> Step:
        needs = tuple(self._needs[part.node.id] for part in fetch.parts if self._is_used(part))
        return Step(number, fetch, needs=needs)

    def _write_collectors(self, steps: Sequence[Step]) -> dict[Table, str]:
        names: dict[Table, str] = {}
        for step in steps:
            roots, known = self._answered_before(step.number)
            for table in self._tables.get(step.number, ()):
                names[table] = write_collect(self._module, table, _root(roots, known))
        return names


def _root(roots: Iterable[Root], tables: Sequence[Table]) -> Spot:
    return Spot((), tuple((table, path) for table in tables for path in table.call.node.paths), tuple(roots))


def _below(value: Any, there: Any, selection: RepresentationField) -> Any:
    try:
        return represent_below(value, there, selection, _NO_FAILURES)
    except Unrepresentable:
        unusual()


_NO_FAILURES = Failures()

_NAMES: dict[str, Any] = {
    "ABSENT": ABSENT,
    "NOTHING": NOTHING,
    "UNKNOWN": UNKNOWN,
    "below": _below,
    "dumps": exact_json.dumps,
    "merged": merged,
    "merged_or_absent": merged_or_absent,
    "merged_or_none": merged_or_none,
    "none": none,
    "present": present,
    "unusual": unusual,
    "watched": watched,
    "without_key": without_key,
}
