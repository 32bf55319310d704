"""
A carrier that carries nowhere: it keeps the last messages for developers to look at.

It behaves like a provider: takes a moment, takes each message id once, and misbehaves when told to.
"""

import asyncio
from collections import Counter, deque
from enum import StrEnum

from subgraphs.notifications.ports.carrier import AddressGone, CarrierFailed, OutgoingMessage

KEPT_MAX = 200
LATENCY_SECONDS = 0.005


class Misbehaviour(StrEnum):
    """Ways to carry badly."""

    REFUSE = "REFUSE"
    """The message is not taken."""
    TAKE_SILENTLY = "TAKE_SILENTLY"
    """It is taken, and the answer is lost: the sender tries again."""
    NOBODY_THERE = "NOBODY_THERE"
    """It is not taken, as there is nobody at this address any more."""
    HANG = "HANG"
    """No answer ever comes."""


class SandboxCarrier:
    def __init__(self) -> None:
        self._carried: deque[OutgoingMessage] = deque(maxlen=KEPT_MAX)
        self._orders: Counter[Misbehaviour] = Counter()

    def misbehave(self, how: Misbehaviour, *, times: int) -> None:
        """Carry the next *times* messages badly."""
        self._orders[how] = times

    def carried(self, address: str | None = None) -> list[OutgoingMessage]:
        """What was carried to *address*, or to everybody; the newest last."""
        return [message for message in self._carried if address is None or message.address == address]

    async def carry(self, message: OutgoingMessage) -> None:
        await asyncio.sleep(LATENCY_SECONDS)
        how = next((how for how in Misbehaviour if self._orders[how] > 0), None)
        if how is not None:
            self._orders[how] -= 1
        if how is Misbehaviour.HANG:
            await asyncio.Event().wait()
        if how is Misbehaviour.REFUSE:
            raise CarrierFailed("the sandbox was told to refuse")
        if how is Misbehaviour.NOBODY_THERE:
            raise AddressGone("the sandbox was told that nobody is there")
        if all(known.id != message.id for known in self._carried):
            self._carried.append(message)
        if how is Misbehaviour.TAKE_SILENTLY:
            raise CarrierFailed("the sandbox was told to lose its answer")
