"""
Jobs: work that time itself calls for (an offering's deadline, a hold's expiry, the nightly books check).

A job looks at what is due *by now* and does it, so that running twice, or not for three days, ends the same.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from subgraphs.shared import turns
from subgraphs.shared.tasks import end

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    """Idempotent; several processes may run it at once, so it claims its rows (`FOR UPDATE SKIP LOCKED`)."""


class JobRunner:
    """Runs a subgraph's jobs until stopped; a failing run is logged and tried again at its next time."""

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._keep_running(job), name=f"job {job.name}") for job in self._jobs]

    async def stop(self) -> None:
        await end(*self._tasks)
        self._tasks = []

    async def _keep_running(self, job: Job) -> None:
        while True:
            try:
                with turns.accepted():
                    await job.run()
            except Exception:
                log.exception("job failed", job=job.name)
            # Spread, so that the jobs of several processes do not march in step.
            await asyncio.sleep(job.every_seconds * random.uniform(0.9, 1.1))  # noqa: S311  # not a secret
