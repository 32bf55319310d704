"""
Running a query plan.

A part of a fetch is ready as soon as those that it needs have been answered, with whatever they were answered: a fetch
that fails is noted, and what depended on it finds nothing to ask about. A fetch goes when all its parts are ready. If
some are ready and others late, it waits for these for a bounded time, and then goes without them (`company.py`).

A subscription's plan is run once for each event (`execute_event`): the event stands for the primary's answer.

Only bugs and cancellation leave `execute_plan` as exceptions, and they cancel the fetches under way.
"""

import asyncio
from collections.abc import Iterable, Sequence

from trevo.clients.subgraph_client import SubgraphResponse
from trevo.execute.company import Company
from trevo.execute.execution import Execution
from trevo.execute.fetch import run_fetch, take_event
from trevo.execute.prepare import PreparedFetch, PreparedPart, PreparedPlan
from trevo.execute.progress import Progress

_Departure = tuple[PreparedFetch, Sequence[PreparedPart]]
"""A fetch, and the parts of it that go."""


async def execute_plan(prepared: PreparedPlan, execution: Execution, progress: Progress | None = None) -> None:
    """Fill *execution*'s data tree as *prepared* says, and tell *progress* of every part that has been answered."""
    try:
        await _Run(prepared, execution, progress).run()
    finally:
        if execution.sent is not None:
            await execution.sent.end()


async def execute_event(prepared: PreparedPlan, event: SubgraphResponse, execution: Execution) -> None:
    """Fill *execution*'s data tree with *event*, and with what the plan asks of others for it."""
    assert prepared.primary is not None  # noqa: S101  # a subscription has one
    take_event(prepared.primary, event, execution)
    await _Run(prepared, execution).run()


class _Run:
    def __init__(self, prepared: PreparedPlan, execution: Execution, progress: Progress | None = None) -> None:
        self._prepared = prepared
        self._progress = progress
        self._execution = execution
        self._missing = list(prepared.needs)
        """By the number of a part: how many answers it still needs."""
        self._companies: dict[int, Company] = {}
        """By the number of a fetch that is ready in part, or was."""
        sent = execution.sent
        self._begun = asyncio.get_running_loop().time() if sent is None or sent.begun is None else sent.begun
        self._under_way = 0
        self._group = asyncio.TaskGroup()
        self._is_done = asyncio.Event()

    async def run(self) -> None:
        try:
            departures = self._departing(self._prepared.first)
            # As long as one follows the other, there is nothing that takes a task.
            while len(departures) == 1 and not self._is_waiting():
                ((fetch, parts),) = departures
                await run_fetch(fetch, parts, self._execution)
                departures = self._answered(parts)
            if departures:
                await self._run_together(departures)
        finally:
            self._companies.clear()  # they know of this run, and with it of the answer

    async def _run_together(self, departures: list[_Departure]) -> None:
        async with self._group:
            try:
                self._under_way += 1
                await self._follow(departures)
                # Here and not at the group's end: while something waits for company, there need be no task.
                await self._is_done.wait()
            finally:
                self._stop_waiting()

    def _begin(self, departure: _Departure) -> None:
        self._under_way += 1
        self._group.create_task(self._follow([departure]))

    async def _follow(self, departures: list[_Departure]) -> None:
        """Run *departures* and what they make possible: one at a time here, the others each in a task."""
        try:
            while departures:
                (fetch, parts), *others = departures
                for each in others:
                    self._begin(each)
                await run_fetch(fetch, parts, self._execution)
                departures = self._answered(parts)
            self._under_way -= 1
            if not self._under_way and not self._is_waiting():
                self._is_done.set()
        except BaseException:
            # The group is about to end, and takes no new task.
            self._stop_waiting()
            raise

    def _answered(self, parts: Sequence[PreparedPart]) -> list[_Departure]:
        ready: list[PreparedPart] = []
        if self._progress is not None:
            self._progress.answered(parts)
        for part in parts:
            for follower in self._prepared.following[part.node.id]:
                self._missing[follower.node.id] -= 1
                if not self._missing[follower.node.id]:
                    ready.append(follower)
        return self._departing(ready) if ready else []

    def _departing(self, ready: Iterable[PreparedPart]) -> list[_Departure]:
        """What goes now that *ready* are ready."""
        departures: list[_Departure] = []
        gathering: dict[int, Company] = {}
        unused: list[PreparedPart] = []
        for part in ready:
            if not self._execution.hold(part.node.conditions):
                unused.append(part)
                continue
            fetch = self._prepared.fetches[part.fetch]
            if len(fetch.parts) == 1:
                departures.append((fetch, fetch.parts))
            else:
                company = self._companies.get(part.fetch)
                if company is None:
                    company = self._companies[part.fetch] = self._company(fetch)
                company.join(part)
                gathering[part.fetch] = company
        for number, company in gathering.items():
            if (going := company.leave_if_whole()) is not None:
                departures.append((self._prepared.fetches[number], going))
        # What is not asked for is as good as answered.
        return departures + self._answered(unused) if unused else departures

    def _company(self, fetch: PreparedFetch) -> Company:
        def leave(parts: list[PreparedPart]) -> None:
            self._begin((fetch, parts))

        sent = self._execution.sent
        since = sent.waiting_since.get(fetch.parts[0].fetch) if sent is not None else None
        return Company(fetch, self._execution, begun=self._begun, since=since, leave=leave)

    def _is_waiting(self) -> bool:
        return any(company.is_waiting for company in self._companies.values())

    def _stop_waiting(self) -> None:
        for company in self._companies.values():
            company.disband()
