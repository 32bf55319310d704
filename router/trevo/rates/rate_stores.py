"""
Where buckets are kept: in this process, or in a Redis or Valkey that all replicas share.

A shared store that is away must stop nobody from asking: then this process counts for itself, which still bounds what
one replica has to bear, and looks for the store again after a moment (`stores/redis_link.py`).
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable
from typing import Any, Protocol, cast

from trevo.door.rates import Rate, take
from trevo.stores.redis_link import RedisLink, Tell

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

    def __init__(self, url: str, *, seconds_max: float, meanwhile: RateStore, tell: Tell) -> None:
        self._meanwhile = meanwhile
        counts_alone = "this process counts for itself"
        self._link = RedisLink(url, what="rates", meanwhile=counts_alone, seconds_max=seconds_max, tell=tell)
        self._script = self._link.redis.register_script(_TAKE)

    async def take(self, key: str, rate: Rate, tokens: int) -> float:
        async def take_there() -> float:
            waiting = self._script([KEY_PREFIX + key], [rate.interval, rate.seconds_to_fill, tokens])
            return float(await cast("Awaitable[Any]", waiting))

        return await self._link.ask(take_there, lambda: self._meanwhile.take(key, rate, tokens))

    async def close(self) -> None:
        await self._link.close()
