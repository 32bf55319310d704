"""
A messenger that delivers to an outbox which developers read: `GET /sandbox/messages?to=ana@example.com`.

It misbehaves on demand, by a mark in the address:

| the address has | then |
|---|---|
| `+undeliverable` | there is no such recipient |
| `+flaky` | the first delivery of each message fails |
| `+slow` | it takes a second |
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.accounts.ports.messenger import Message, Undeliverable
from subgraphs.shared.clock import Clock

KEPT_MAX = 1_000
SLOW_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Delivered:
    message: Message
    at: datetime


class SandboxMessenger:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._delivered: deque[Delivered] = deque(maxlen=KEPT_MAX)
        self._failed: deque[UUID] = deque(maxlen=KEPT_MAX)

    async def deliver(self, message: Message) -> None:
        if "+undeliverable" in message.to:
            raise Undeliverable("no such recipient")
        if "+flaky" in message.to and message.id not in self._failed:
            self._failed.append(message.id)
            raise ConnectionError("the sandbox messenger dropped the connection")
        if "+slow" in message.to:
            await asyncio.sleep(SLOW_SECONDS)
        self._delivered.append(Delivered(message, self._clock.now()))

    def to(self, recipient: str | None = None) -> list[Delivered]:
        """What was delivered to *recipient*, or to everybody; the newest last."""
        return [one for one in self._delivered if recipient is None or one.message.to == recipient]
