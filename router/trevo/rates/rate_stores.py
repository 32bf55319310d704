"""
Where buckets are kept: in this process, or in a Redis or Valkey that all replicas share.

A shared store that is away must stop nobody from asking: then this process counts for itself, which still bounds what
one replica has to bear, and looks for the store again after a moment.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable
from typing import Any, Protocol, cast

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from trevo.door.rates import Rate, take

log = structlog.get_logger()

CONNECTIONS_MAX = 32
LOOK_AGAIN_SECONDS = 1.0
KEY_PREFIX = "router:rate:"


class RateStore(Protocol):
    """Keeps buckets by key."""

    async def take(self, key: str, rate: Rate, tokens: int) -> float:
        """Take *tokens* out of the bucket *key*; seconds to wait where there were not enough, else 0."""
        ...

    async def close(self) -> None: ...


class MemoryStore:
    """The buckets of this process, at most *buckets_max*: those not used for longest are forgotten."""

    def __init__(self, buckets_max: int) -> None:
        self._buckets_max = buckets_max
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    async def take(self, key: str, rate: Rate, tokens: int) -> float:
        taken = take(rate, self._full_at.get(key, 0.0), time.monotonic(), tokens)
        self._full_at[key] = taken.full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._buckets_max:
            self._full_at.popitem(last=False)
        return taken.retry_after

    async def close(self) -> None:
        """Nothing is held."""


# `door.rates.take` in the store's own language, so that looking and taking are one step; by the store's clock, so that
# replicas need not agree on theirs. A bucket that would be full again is forgotten.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local interval, to_fill, tokens = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tokens * interval
local retry_after = full_at - to_fill - now
if retry_after > 1e-6 then return string.format('%.6f', retry_after) end
redis.call('SET', KEYS[1], string.format('%.6f', full_at), 'PX', math.ceil((full_at - now) * 1000) + 1)
return '0'
"""


class SharedStore:
    """
    The buckets in a Redis or Valkey at *url*, and in *meanwhile* while it is away.

    *tell* is called with whether the store answers, whenever that changes.
    """

    def __init__(self, url: str, *, seconds_max: float, meanwhile: RateStore, tell: "Tell") -> None:
        self._seconds_max = seconds_max
        self._meanwhile = meanwhile
        self._tell = tell
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=seconds_max,
            socket_timeout=seconds_max,
            socket_connect_timeout=seconds_max,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis: Redis = Redis(connection_pool=pool)
        self._script = self._redis.register_script(_TAKE)
        self._away_until: float | None = None
        tell(True)

    async def take(self, key: str, rate: Rate, tokens: int) -> float:
        if self._away_until is not None and time.monotonic() < self._away_until:
            return await self._meanwhile.take(key, rate, tokens)
        try:
            async with asyncio.timeout(self._seconds_max):
                waiting = self._script([KEY_PREFIX + key], [rate.interval, rate.seconds_to_fill, tokens])
                retry_after = float(await cast("Awaitable[Any]", waiting))
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
            return await self._meanwhile.take(key, rate, tokens)
        if self._away_until is not None:
            self._away_until = None
            log.info("the store of rates answers again")
            self._tell(True)
        return retry_after

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    def _lose(self, error: Exception) -> None:
        if self._away_until is None:
            log.warning("the store of rates is away; this process counts for itself", error=f"{error!r}")
            self._tell(False)
        self._away_until = time.monotonic() + LOOK_AGAIN_SECONDS


class Tell(Protocol):
    def __call__(self, is_there: bool, /) -> None: ...
