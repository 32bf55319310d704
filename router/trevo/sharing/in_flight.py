"""
Work that several want at the same time, done once.

    first ──────▶ begins it ─────────────────────────▶ has the outcome
    second ────────▶ finds it under way ─────────────▶ has the same
    third ───────────▶ finds it, leaves again            (nobody notices)

The work belongs to none of them: it runs in a task of its own, goes on when the one that began it leaves, and is given
up when the last one has left. What it comes to is everyone's, a failure too. Only time is each one's own: work that had
less time than somebody who waits, and not enough, is begun anew with that of whoever can wait longest.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What the work came to."""

    value: T
    is_shared: bool
    """Whether others have the same value; then nobody may change it."""
    is_own: bool
    """Whether this is the one that began it."""


class InFlight(Generic[T]):
    """The work that is under way, by its key."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Work[T]] = {}

    async def get(
        self,
        key: Hashable,
        work: Callable[[float], Coroutine[Any, Any, T]],
        *,
        until: float,
        on_join: Callable[[], None],
        ended_by_time: Callable[[BaseException], bool],
    ) -> Outcome[T]:
        """
        What *work* gives, or the same work of another that is under way; then *on_join* is called.

        *work* gets the time of the loop until which it may take; *until* is this one's. Raises what the work raises,
        RuntimeError where something ends it that is none of its own failures, and TimeoutError where it is under way
        for others, who can wait longer. *ended_by_time* says whether it raised for lack of time.
        """
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._under_way[key] = _Work(work, until, ended_by_time, partial(self._forget, key))
            return await under_way.wait(until, is_own=True)
        on_join()
        return await under_way.wait(until, is_own=False)

    def _forget(self, key: Hashable, work: "_Work[T]") -> None:
        if self._under_way.get(key) is work:
            del self._under_way[key]


class _Work(Generic[T]):
    """One piece, begun by the first who waits."""

    def __init__(
        self,
        work: Callable[[float], Coroutine[Any, Any, T]],
        until: float,
        ended_by_time: Callable[[BaseException], bool],
        forget: Callable[["_Work[T]"], None],
    ) -> None:
        self._work = work
        self._until = until
        self._ended_by_time = ended_by_time
        self._forget = forget
        self._waiting: dict[asyncio.Future[tuple[T, bool]], float] = {}
        """Who waits, and until when."""
        self._clocks: dict[asyncio.Future[tuple[T, bool]], asyncio.TimerHandle] = {}
        """Of those who have less time than the work."""
        self._task = asyncio.create_task(self._run())

    async def wait(self, until: float, *, is_own: bool) -> Outcome[T]:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[tuple[T, bool]] = loop.create_future()
        self._waiting[waiting] = until
        self._set_clock(waiting, until)
        try:
            value, is_shared = await waiting
        finally:
            self._leave(waiting)
        return Outcome(value, is_shared, is_own)

    def _set_clock(self, waiting: asyncio.Future[tuple[T, bool]], until: float) -> None:
        # Work that ends before this one's time needs no clock beside its own.
        if until < self._until and waiting not in self._clocks:
            self._clocks[waiting] = asyncio.get_running_loop().call_at(until, _give_up, waiting)

    def _leave(self, waiting: asyncio.Future[tuple[T, bool]]) -> None:
        self._waiting.pop(waiting, None)
        if (clock := self._clocks.pop(waiting, None)) is not None:
            clock.cancel()
        if not self._waiting and not self._task.done():
            # Nobody is left, and nobody may come: the next one begins anew.
            self._forget(self)
            self._task.cancel()

    async def _run(self) -> None:
        try:
            value = await self._done_in_time()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is theirs who wait
            self._fail(error)
        except BaseException as error:
            # Given up, so that nobody waits; or what it waited for was cancelled, and nobody who waits for it.
            self._fail(RuntimeError(f"what was shared has ended: {error!r}"))
            raise
        else:
            is_shared = len(self._waiting) > 1
            self._tell(lambda waiting: waiting.set_result((value, is_shared)))

    async def _done_in_time(self) -> T:
        while True:
            try:
                return await self._work(self._until)
            except Exception as error:
                most_patient = max(self._waiting.values(), default=self._until)
                if not self._ended_by_time(error) or most_patient <= self._until:
                    raise
                self._begin_anew(most_patient, error)

    def _begin_anew(self, until: float, error: Exception) -> None:
        """From now on it is the time of others; tell those whose time was over of *error*."""
        reached, self._until = self._until, until
        for waiting, own in list(self._waiting.items()):
            if own > reached:
                self._set_clock(waiting, own)
                continue
            del self._waiting[waiting]
            if not waiting.done():
                waiting.set_exception(error)

    def _fail(self, error: Exception) -> None:
        self._tell(lambda waiting: waiting.set_exception(error))

    def _tell(self, tell: Callable[[asyncio.Future[tuple[T, bool]]], None]) -> None:
        self._forget(self)
        for waiting in self._waiting:
            if not waiting.done():
                tell(waiting)


def _give_up(waiting: asyncio.Future[Any]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())
