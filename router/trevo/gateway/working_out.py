"""
What one graph has worked out, and the threads in which it is.

Each thing is worked out once for all who wait for it, whoever of them leaves, and kept while there is room. An
operation that takes unusually long leaves the thread of all others and is begun anew in one that is for such, and for
writing programs: one large operation costs other new ones no more than that while.
"""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from trevo.config.limits import Limits
from trevo.door.cache import BoundedCache, memory_of
from trevo.errors import refuse
from trevo.gateway.prepared import Permitted, PreparedOperation
from trevo.planner.errors import PlanningTookLong
from trevo.program.program import Program

T = TypeVar("T")

ENTRIES_PER_OPERATION = 4
"""In the cache, usually: the operation itself, a plan, a projection; code for it, or what introspection answers."""


class WorkingOut:
    """Works out, and keeps what came of it in *cache*."""

    def __init__(self, limits: Limits) -> None:
        self.cache: BoundedCache[Hashable, Any] = BoundedCache(
            bytes_max=limits.cached_bytes_max,
            once_bytes_max=limits.cached_once_bytes_max,
            entries_max=limits.operations_cached_max * ENTRIES_PER_OPERATION,
        )
        self.under_way: dict[Hashable, asyncio.Future[Any]] = {}
        """By its key, what is worked out now: the value and its weight."""
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="router-planning")
        self.worker_for_large = ThreadPoolExecutor(max_workers=1, thread_name_prefix="router-planning-large")
        self._wait_seconds_max = limits.planning_wait_seconds_max

    async def work_out(self, key: Hashable, work: Callable[[], T], *, at_length: Callable[[], T] | None = None) -> T:
        """
        What *work* gives, or *at_length* where it raises PlanningTookLong; kept under *key*.

        Refuses with `PLANNING_BUSY` (503).
        """
        future: asyncio.Future[tuple[T, int]] | None = self.under_way.get(key)
        if future is None:
            future = asyncio.ensure_future(self._in_turn(key, work, at_length))
            self._expect(key, future)
        try:
            # Shielded: whoever else waits for it must not lose it because this client went away.
            async with asyncio.timeout(self._wait_seconds_max):
                value, _ = await asyncio.shield(future)
        except TimeoutError:
            message = "Too many other new operations are being worked out; try again in a moment."
            raise refuse(
                "PLANNING_BUSY", message, status=503, is_transport=True, headers={"retry-after": "1"}
            ) from None
        return value

    def begin_large(self, key: Hashable, work: Callable[[], T]) -> "asyncio.Future[tuple[T, int]]":
        """What *work* will give, and its weight; kept under *key*, whether anybody waits for it or not."""
        future = asyncio.ensure_future(self._weighed(self.worker_for_large, key, work))
        self._expect(key, future)
        return future

    def close(self) -> None:
        """Begin nothing more."""
        self.worker.shutdown(wait=False, cancel_futures=True)
        self.worker_for_large.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, key: Hashable, work: Callable[[], T], at_length: Callable[[], T] | None) -> tuple[T, int]:
        """The value and its weight."""
        try:
            return await self._weighed(self.worker, key, work)
        except PlanningTookLong:
            if at_length is None:
                raise
        return await self._weighed(self.worker_for_large, key, at_length)

    async def _weighed(self, worker: ThreadPoolExecutor, key: Hashable, work: Callable[[], T]) -> tuple[T, int]:
        """What *work* gives, and its weight, which is taken in the thread too."""

        def weighed() -> tuple[T, int]:
            value = work()
            return value, memory_of(key) + value.weigh() if isinstance(value, Program) else memory_of(key, value)

        return await asyncio.get_running_loop().run_in_executor(worker, weighed)

    def _expect(self, key: Hashable, future: asyncio.Future[Any]) -> None:
        self.under_way[key] = future
        future.add_done_callback(lambda done: self._keep(key, done))

    def _keep(self, key: Hashable, done: asyncio.Future[Any]) -> None:
        self.under_way.pop(key, None)
        # The exception is retrieved, so that nobody complains when every waiter has left.
        if not done.cancelled() and done.exception() is None:
            value, weight = done.result()
            if isinstance(value, PreparedOperation):
                value.whole.weight = weight
            elif isinstance(value, Permitted):
                value.weight = weight
            self.cache.put(key, value, weight=weight)
