"""
How a sandbox provider answers: over real HTTP, signed, at least once, and badly when told to.

The answer comes after a while from a task of its own, as from another company's servers. A message is sent again
until somebody takes it. `misbehave` spoils the next answers.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import structlog

from subgraphs.contracts.ports.provider import ProviderUnavailable
from subgraphs.shared.clock import Clock
from subgraphs.shared.webhooks import sign_webhook

log = structlog.get_logger()

ATTEMPTS_MAX = 8
"""Sent again with doubling waits, for about half a minute in all; after that the order is asked for again."""
FIRST_WAIT_SECONDS = 0.1


class Misbehaviour(StrEnum):
    """Ways in which a provider fails."""

    DUPLICATE = "duplicate"
    """Sends its answer twice."""
    LATE = "late"
    """Takes its time."""
    OUT_OF_ORDER = "out_of_order"
    """Says "received" after its answer."""
    WRONG_SIGNATURE = "wrong_signature"
    """Signs with another secret."""
    LOST = "lost"
    """Never sends its answer."""
    REFUSE = "refuse"
    """Says no."""
    UNAVAILABLE = "unavailable"
    """Does not take the order."""


@dataclass
class SandboxWebhooks:
    """The sending side of one sandbox provider."""

    url: str
    secret: str
    clock: Clock
    latency_seconds: float
    late_seconds: float
    _misbehaviours: deque[Misbehaviour] = field(default_factory=deque, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def misbehave(self, misbehaviour: Misbehaviour, *, times: int = 1) -> None:
        """Spoil the next *times* orders."""
        self._misbehaviours.extend([misbehaviour] * times)

    def take_order(self, kind: str, reference: UUID, status: str, done: Mapping[str, Any], *, refusal: str) -> None:
        """
        Accept an order of a *kind*: say that it was received, then its final *status* with what was *done*.

        Told to refuse, it says so with *refusal* as the reason. Raises ProviderUnavailable when told to be.
        """
        now = self.clock.now().isoformat()

        def message(status: str, **more: Any) -> dict[str, Any]:
            event_id = f"{kind}-{reference}-{status}"
            return {"event_id": event_id, "reference": str(reference), "occurred_at": now, "status": status, **more}

        misbehaviour = self._misbehaviours.popleft() if self._misbehaviours else None
        if misbehaviour is Misbehaviour.UNAVAILABLE:
            raise ProviderUnavailable("the provider answered 503")
        if misbehaviour is Misbehaviour.LOST:
            return
        refuses = misbehaviour is Misbehaviour.REFUSE
        final = message("refused", reason=refusal) if refuses else message(status, **done)
        task = asyncio.create_task(self._respond(message("received"), final, misbehaviour), name=f"sandbox {self.url}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _respond(
        self, received: dict[str, Any], final: dict[str, Any], misbehaviour: Misbehaviour | None
    ) -> None:
        late = misbehaviour is Misbehaviour.LATE
        await asyncio.sleep(self.late_seconds if late else self.latency_seconds)
        if misbehaviour is Misbehaviour.WRONG_SIGNATURE:
            await self._send(final, secret="somebody else's secret", attempts=1)  # noqa: S106  # wrong on purpose
            return
        messages = [received, final]
        if misbehaviour is Misbehaviour.OUT_OF_ORDER:
            messages = [final, received]
        if misbehaviour is Misbehaviour.DUPLICATE:
            messages = [received, final, final]
        for message in messages:
            await self._send(message, secret=self.secret, attempts=ATTEMPTS_MAX)

    async def _send(self, message: dict[str, Any], *, secret: str, attempts: int) -> None:
        body = orjson.dumps(message)
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as client:
            for attempt in range(attempts):
                headers = sign_webhook(secret, body, now=self.clock.unmoved()) | {"content-type": "application/json"}
                try:
                    async with client.post(self.url, data=body, headers=headers) as response:
                        if response.status < 300:
                            return
                        log.warning("a sandbox webhook was not taken", url=self.url, status=response.status)
                except (aiohttp.ClientError, TimeoutError) as error:
                    log.warning("a sandbox webhook did not arrive", url=self.url, error=str(error))
                if attempt + 1 < attempts:
                    await asyncio.sleep(FIRST_WAIT_SECONDS * 2**attempt)

    async def idle(self) -> None:
        """Return when nothing is on its way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Drop what is on its way, as a crash would; asked again, the provider answers again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
