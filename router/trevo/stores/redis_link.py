"""
A Redis or Valkey that may be away.

Whoever asks it has another way meanwhile; so that nobody waits for one that is away, it is looked for again only after
a moment.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger()

T = TypeVar("T")

CONNECTIONS_MAX = 32
LOOK_AGAIN_SECONDS = 1.0


class Tell(Protocol):
    """Is told whether the store answers, whenever that changes."""

    def __call__(self, is_there: bool, /) -> None: ...


class RedisLink:
    """The store of *what* at *url*, for the log and for *tell*; *meanwhile* says what is done while it is away."""

    def __init__(self, url: str, *, what: str, meanwhile: str, seconds_max: float, tell: Tell) -> None:
        self._what = what
        self._meanwhile = meanwhile
        self._seconds_max = seconds_max
        self._tell = tell
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=seconds_max,
            socket_timeout=seconds_max,
            socket_connect_timeout=seconds_max,
            retry=Retry(NoBackoff(), 0),
        )
        self.redis: Redis = Redis(connection_pool=pool)
        self._away_until: float | None = None
        tell(True)

    async def ask(self, question: Callable[[], Awaitable[T]], otherwise: Callable[[], Awaitable[T]]) -> T:
        """What *question* gives, or *otherwise* while the store is away."""
        if self._away_until is not None and time.monotonic() < self._away_until:
            return await otherwise()
        try:
            async with asyncio.timeout(self._seconds_max):
                answer = await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
            return await otherwise()
        if self._away_until is not None:
            self._away_until = None
            log.info("a store answers again", of=self._what)
            self._tell(True)
        return answer

    async def close(self) -> None:
        await self.redis.aclose()
        await self.redis.connection_pool.disconnect()

    def _lose(self, error: Exception) -> None:
        if self._away_until is None:
            log.warning("a store is away", of=self._what, meanwhile=self._meanwhile, error=f"{error!r}")
            self._tell(False)
        self._away_until = time.monotonic() + LOOK_AGAIN_SECONDS
