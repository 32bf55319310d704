"""Ends what would otherwise go on for hours: when its token runs out, and when the process stops."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

OPEN_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Ended:
    """Why there will be no more, in words for the client."""

    message: str
    code: str


TOKEN_EXPIRED = Ended("The token has expired; refresh it and subscribe again.", "TOKEN_EXPIRED")
STOPPING = Ended("This part is stopping; subscribe again in a moment.", "SERVER_STOPPING")
TOO_MANY = Ended("Too many subscriptions are open; try again in a moment.", "TOO_MANY_SUBSCRIPTIONS")


class Ending:
    """All streams of one subgraph."""

    def __init__(self, open_max: int = OPEN_MAX) -> None:
        self._open_max = open_max
        self._open = 0
        self._waiting: set[asyncio.Timeout] = set()
        self._is_stopping = False

    async def until_ended(self, items: AsyncIterator[T], expires_at: float | None) -> AsyncGenerator[T | Ended, None]:
        """*items* one by one; last why there are no more, unless they came to their own end."""
        if self._open >= self._open_max:
            yield TOO_MANY
            return
        self._open += 1
        try:
            while True:
                item = await self._next(items, expires_at)
                if item is None:
                    return
                yield item
                if isinstance(item, Ended):
                    return
        finally:
            self._open -= 1

    async def _next(self, items: AsyncIterator[T], expires_at: float | None) -> T | Ended | None:
        if self._is_stopping:
            return STOPPING
        seconds = None if expires_at is None else max(expires_at - time.time(), 0)
        try:
            async with asyncio.timeout(seconds) as patience:
                self._waiting.add(patience)
                return await anext(items, None)
        except TimeoutError:
            if not patience.expired():
                raise
            return STOPPING if self._is_stopping else TOKEN_EXPIRED
        finally:
            self._waiting.discard(patience)

    def end_all(self) -> None:
        """End every stream, and those that still come."""
        self._is_stopping = True
        for patience in self._waiting:
            patience.reschedule(0)
