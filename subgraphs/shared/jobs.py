"""
Jobs: work that time itself calls for (an offering's deadline, a hold's expiry, the nightly books check).

A job looks at what is due *by now* and does it, so that running twice, or not for three days, ends the same. When the
clock is moved, they run at once: what has fallen due meanwhile does not wait for its next time.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from subgraphs.shared import turns
from subgraphs.shared.clock import Clock, MovableClock
from subgraphs.shared.tasks import end

log = structlog.get_logger()

LOOK_SECONDS = 0.5
"""Between two looks at a clock that can be moved."""


@dataclass(frozen=True)
class Job:
    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    """Idempotent; several processes may run it at once, so it claims its rows (`FOR UPDATE SKIP LOCKED`)."""
    runs_when_moved: bool = True
    """Whether it runs at once when the clock is moved. One that judges what other jobs do would find it half done."""


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
