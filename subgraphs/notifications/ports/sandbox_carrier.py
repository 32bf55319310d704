"""
A carrier that carries nowhere: it keeps the last messages for developers to look at.

It behaves like a provider: takes a moment, takes each message id once, and fails when told to.
"""

import asyncio
from collections import deque

from subgraphs.notifications.ports.carrier import CarrierFailed, OutgoingMessage

KEPT_MAX = 200
LATENCY_SECONDS = 0.005


class SandboxCarrier:
    def __init__(self) -> None:
        self.carried: deque[OutgoingMessage] = deque(maxlen=KEPT_MAX)
        self._failures = 0

    def fail_next(self, count: int) -> None:
        """Misbehave: refuse the next *count* messages."""
        self._failures = count

    async def carry(self, message: OutgoingMessage) -> None:
        await asyncio.sleep(LATENCY_SECONDS)
        if self._failures > 0:
            self._failures -= 1
            raise CarrierFailed("the sandbox was told to fail")
        if all(known.id != message.id for known in self.carried):
            self.carried.append(message)
