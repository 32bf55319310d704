"""
Who goes next where not everybody can at once: at the database's connections, and at rows that many want.

A `Line` has a number of places. Who finds none free waits, and what was begun is finished before more is begun:

    ACCEPTED   reactions, relay, jobs: money that is on its way, promises that were given
    BEGUN      a request that has had a connection before
    NEW        everybody else, first come first served; a part of the places is never theirs

A request waits for as long as its deadline leaves time to answer. Those who wait are bounded in number: more are told
at once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from subgraphs.shared.availability import Unavailable
from subgraphs.shared.refusal import Busy

WAIT_SECONDS_MAX = 15.0
"""How long work without a deadline of its own waits."""

ANSWER_SECONDS = 0.25
"""Kept of a request's time: who waited in vain says so for this field, and the others' answers still arrive."""


class Urgency(IntEnum):
    ACCEPTED = 0
    BEGUN = 1
    NEW = 2


@dataclass(slots=True)
class Work:
    """What the present task works for."""

    urgency: Urgency = Urgency.NEW
    deadline_at: float | None = None
    """By the event loop's clock."""


_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def request(seconds: float | None = None) -> Iterator[None]:
    """What happens inside, in all its tasks, is one request that has *seconds* from now."""
    deadline_at = None if seconds is None else asyncio.get_running_loop().time() + seconds
    token = _work.set(Work(deadline_at=deadline_at))
    try:
        yield
    finally:
        _work.reset(token)


@contextmanager
def accepted() -> Iterator[None]:
    """What happens inside finishes what was promised: it goes before every request."""
    token = _work.set(Work(Urgency.ACCEPTED))
    try:
        yield
    finally:
        _work.reset(token)


class LineFull(Unavailable):
    """So many wait that one more would wait in vain."""


class WaitedInVain(Unavailable):
    """No place became free in time."""


class Line:
    """
    *places* that work takes and leaves, in the order above.

    *kept_back* places are never taken by new requests. Of requests at most *waiting_max* wait.
    """

    def __init__(self, name: str, places: int, *, waiting_max: int, kept_back: int = 0) -> None:
        self._name = name
        self._places = places
        self._places_for_new = max(places - kept_back, 1)
        self._waiting_max = waiting_max
        self._taken = 0
        self._waiting: dict[Urgency, deque[asyncio.Future[None]]] = {urgency: deque() for urgency in Urgency}

    @property
    def is_idle(self) -> bool:
        return not self._taken and not self._count_waiting()

    @property
    def is_waited_for(self) -> bool:
        return any(self._waiting.values())

    async def enter(self) -> None:
        """Take a place, which `leave` gives back. Raises LineFull, WaitedInVain."""
        work = _work.get()
        urgency = Urgency.NEW if work is None else work.urgency
        if self._is_free_for(urgency) and not any(self._waiting[other] for other in Urgency if other <= urgency):
            self._taken += 1
        else:
            await self._wait(urgency)

    def leave(self) -> None:
        self._taken -= 1
        self._admit()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    def _is_free_for(self, urgency: Urgency) -> bool:
        return self._taken < (self._places_for_new if urgency is Urgency.NEW else self._places)

    def _count_waiting(self) -> int:
        return sum(len(waiting) for waiting in self._waiting.values())

    async def _wait(self, urgency: Urgency) -> None:
        if urgency is not Urgency.ACCEPTED and self._count_waiting() >= self._waiting_max:
            raise LineFull(f"{self._waiting_max} wait for {self._name}")
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[urgency].append(ticket)
        try:
            async with asyncio.timeout(patience()):
                await ticket
        except BaseException as error:
            if ticket.done() and not ticket.cancelled():
                self.leave()  # the place was given in the moment in which it was given up
            elif ticket in self._waiting[urgency]:
                self._waiting[urgency].remove(ticket)
            if isinstance(error, TimeoutError):
                raise WaitedInVain(f"no place at {self._name} in time") from None
            raise

    def _admit(self) -> None:
        for urgency, waiting in self._waiting.items():
            while waiting and self._is_free_for(urgency):
                ticket = waiting.popleft()
                if not ticket.done():  # else whoever waited has been cancelled and has not run since
                    self._taken += 1
                    ticket.set_result(None)


def patience() -> float:
    """Seconds that the present task may wait for others."""
    work = _work.get()
    if work is None or work.deadline_at is None:
        return WAIT_SECONDS_MAX
    return work.deadline_at - ANSWER_SECONDS - asyncio.get_running_loop().time()


def note_begun() -> None:
    """The present request has had a connection: what it asks for from now on goes before what is new."""
    work = _work.get()
    if work is not None and work.urgency is Urgency.NEW:
        work.urgency = Urgency.BEGUN


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """A row that many want at once."""

    kind: str
    id: Any
    """Hashable; of one kind they have an order, which is that of the locks."""


class Turns:
    """
    One line per row that is wanted, gone when nobody wants it any more.

    Whoever waits here has no connection yet. The row lock in the database stays the truth: this only sees to it that
    of one process at most one waits there. Rows are taken in the order given, which has to be that of their locks.
    """

    def __init__(self, *, waiting_max: int) -> None:
        self.waiting_max = waiting_max
        self._lines: dict[Row, Line] = {}

    def __len__(self) -> int:
        """How many rows are wanted at this moment."""
        return len(self._lines)

    def is_free(self, row: Row) -> bool:
        return row not in self._lines

    @asynccontextmanager
    async def of(self, *rows: Row) -> AsyncIterator[None]:
        """Be the one whose turn it is at *rows*. Refuses with Busy when too many wait, or it takes too long."""
        entered: list[Row] = []
        try:
            for row in rows:
                await self._enter(row)
                entered.append(row)
            yield
        finally:
            for row in reversed(entered):
                self._lines[row].leave()
                self._forget(row)

    async def _enter(self, row: Row) -> None:
        line = self._lines.get(row)
        if line is None:
            line = self._lines[row] = Line(f"{row.kind} {row.id}", 1, waiting_max=self.waiting_max)
        try:
            await line.enter()
        except Unavailable:
            raise Busy from None
        finally:
            self._forget(row)

    def _forget(self, row: Row) -> None:
        if (line := self._lines.get(row)) is not None and line.is_idle:
            del self._lines[row]
