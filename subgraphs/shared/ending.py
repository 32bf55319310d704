"""
Ends what would otherwise go on for hours: when its token runs out or is no longer accepted, and when the process stops.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

OPEN_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Ended:
    """Why there will be no more, in words for the client."""

    message: str
    code: str
    reason: str | None = None
    """What was decided, where the code alone does not say it."""


TOKEN_EXPIRED = Ended("The token has expired; refresh it and subscribe again.", "TOKEN_EXPIRED")
STOPPING = Ended("This part is stopping; subscribe again in a moment.", "SERVER_STOPPING")
TOO_MANY = Ended("Too many subscriptions are open; try again in a moment.", "TOO_MANY_SUBSCRIPTIONS")


Verdict = Callable[[], Ended | None]
"""Why a stream must not go on although its time is not over; None while it may."""


class Ending:
    """All streams of one subgraph."""

    def __init__(self, open_max: int = OPEN_MAX) -> None:
        self._open_max = open_max
        self._open = 0
        self._waiting: dict[asyncio.Timeout, Verdict] = {}
        """What each stream that waits would be ended for."""
        self._is_stopping = False

    async def until_ended(
        self, items: AsyncIterator[T], expires_at: float | None, verdict: Verdict = lambda: None
    ) -> AsyncGenerator[T | Ended, None]:
        """*items* one by one; last why there are no more, unless they came to their own end."""
        if self._open >= self._open_max:
            yield TOO_MANY
            return
        self._open += 1
        try:
            while True:
                item = await self._next(items, expires_at, verdict)
                if item is None:
                    return
                yield item
                if isinstance(item, Ended):
                    return
        finally:
            self._open -= 1

    async def _next(self, items: AsyncIterator[T], expires_at: float | None, verdict: Verdict) -> T | Ended | None:
        if self._is_stopping:
            return STOPPING
        if (ended := verdict()) is not None:
            return ended
        seconds = None if expires_at is None else max(expires_at - time.time(), 0)
        try:
            async with asyncio.timeout(seconds) as patience:
                self._waiting[patience] = verdict
                return await anext(items, None)
        except TimeoutError:
            if not patience.expired():
                raise
            return STOPPING if self._is_stopping else verdict() or TOKEN_EXPIRED
        finally:
            self._waiting.pop(patience, None)

    def end_unwelcome(self) -> None:
        """End the streams that must not go on any more."""
        for patience, verdict in self._waiting.items():
            if verdict() is not None:
                patience.reschedule(0)

    def end_all(self) -> None:
        """End every stream, and those that still come."""
        self._is_stopping = True
        for patience in self._waiting:
            patience.reschedule(0)
