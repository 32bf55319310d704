"""
Jobs: work that time itself calls for (an offering's deadline, a hold's expiry, the nightly books check).

A job looks at what is due *by now* and does it, so that running twice, or not for three days, ends the same. Of many
things that are due, one that cannot be done holds up no other: it is logged, counted, and tried again at the next run.
When the clock is moved, they run at once: what has fallen due meanwhile does not wait for its next time.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog
from prometheus_client import Counter
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import turns
from subgraphs.shared.clock import Clock, MovableClock
from subgraphs.shared.tasks import end

log = structlog.get_logger()

LOOK_SECONDS = 0.5
"""Between two looks at a clock that can be moved."""

Item = TypeVar("Item")

failures = Counter("peerseed_job_failures", "Things that were due and could not be done, by the job.", ["job"])

FAILED = "what is due could not be done"
_DEFERRED_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")
_DEFERRED_AGAIN = text("SET CONSTRAINTS ALL DEFERRED")


@dataclass(frozen=True)
class Job:
    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    """Idempotent; several processes may run it at once, so it claims its rows (`FOR UPDATE SKIP LOCKED`)."""
    runs_when_moved: bool = True
    """Whether it runs at once when the clock is moved. One that judges what other jobs do would find it half done."""


async def one_by_one(
    job: str,
    items: Iterable[Item],
    work: Callable[[Item], Awaitable[object]],
    *,
    name: Callable[[Item], object] = str,
) -> int:
    """Do *work*, in transactions of its own, on each of *items*; on how many it was done. *name* is for the log."""
    done = 0
    for item in items:
        try:
            await work(item)
        except Exception:
            log.exception(FAILED, job=job, item=str(name(item)))
            failures.labels(job).inc()
        else:
            done += 1
    return done


async def all_or_one_by_one(
    session: AsyncSession,
    job: str,
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Awaitable[object]],
    *,
    name: Callable[[Item], object],
) -> int:
    """
    Do *work* on rows that this transaction has locked; should that fail, on ever smaller parts of them, down to the one
    that cannot be done. On how many it was done.

    Constraints that wait for the commit are asked here, so that what breaks one is not found when all is lost.
    """
    if not items:
        return 0
    try:
        async with session.begin_nested():
            await work(items)
            await session.flush()
            await session.execute(_DEFERRED_NOW)
    except Exception:
        # What the work had changed is as it was, and has to be read anew before it is looked at.
        for row in list(session):
            if inspect(row).expired:
                await session.refresh(row)
        if len(items) == 1:
            log.exception(FAILED, job=job, item=str(name(items[0])))
            failures.labels(job).inc()
            return 0
        log.warning("what is due is done in smaller parts", job=job, exc_info=True)
        # Halves: what hinders one item costs a few tries, not one for each of the others, which stay locked meanwhile.
        middle = len(items) // 2
        parts = [items[:middle], items[middle:]]
        return sum([await all_or_one_by_one(session, job, part, work, name=name) for part in parts])
    await session.execute(_DEFERRED_AGAIN)
    return len(items)


class JobRunner:
    """Runs a subgraph's jobs until stopped; a failing run is logged and tried again at its next time."""

    def __init__(self, jobs: list[Job], clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock
        self._early = {job.name: asyncio.Event() for job in jobs}
        """Set when the job is to run before its time."""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._keep_running(job), name=f"job {job.name}") for job in self._jobs]
        if isinstance(self._clock, MovableClock):
            self._tasks.append(asyncio.create_task(self._notice_moves(self._clock), name="looks at the clock"))

    async def stop(self) -> None:
        await end(*self._tasks)
        self._tasks = []

    async def _keep_running(self, job: Job) -> None:
        early = self._early[job.name]
        while True:
            early.clear()  # before the job looks at the clock: a move while it runs has it run again
            try:
                with turns.accepted():
                    await job.run()
            except Exception:
                log.exception("job failed", job=job.name)
            # Spread, so that the jobs of several processes do not march in step.
            seconds = job.every_seconds * random.uniform(0.9, 1.1)  # noqa: S311  # not a secret
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await early.wait()

    async def _notice_moves(self, clock: MovableClock) -> None:
        ahead = clock.ahead()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if clock.ahead() != ahead:
                ahead = clock.ahead()
                for job in self._jobs:
                    if job.runs_when_moved:
                        self._early[job.name].set()
