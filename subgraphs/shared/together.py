"""
Who waits for one row is served in one transaction.

Where many want the same row, each transaction is a handful of round trips for which all others wait. So while one is
under way, those who come gather, and the next transaction is for all of them. Who meets nobody goes alone at once.

    reservations = Together(database, invest)
    investment = await reservations.ask(offering_row(offering_id), wish)

The verb takes a session and what was asked, in the order of coming, and answers each: with a result, or with a refusal,
of which it has undone what there was. Whatever goes wrong undoes all, and then each asks alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import turns
from subgraphs.shared.database import Database
from subgraphs.shared.refusal import Busy, Refusal
from subgraphs.shared.turns import Row

log = structlog.get_logger()

SET_MAX = 50
"""Who is served in one transaction."""

A = TypeVar("A")
R = TypeVar("R")

Verb = Callable[[AsyncSession, Sequence[A]], Awaitable[Sequence[R | Refusal]]]


@dataclass(slots=True, eq=False)
class _Member(Generic[A, R]):
    asked: A
    answer: asyncio.Future[R | Refusal | None]
    """None says: alone."""


class Together(Generic[A, R]):
    """What is asked of *database* by a verb for sets, row by row."""

    def __init__(self, database: Database, verb: Verb[A, R]) -> None:
        self._database = database
        self._verb = verb
        self._waiting: dict[Row, list[_Member[A, R]]] = {}
        """By rows at which something is under way."""
        self._serving: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many wait at this moment to be served with others."""
        return sum(map(len, self._waiting.values()))

    async def ask(self, row: Row, asked: A) -> R:
        """
        The verb's answer, from the transaction of those who wait at *row*; raises what it refuses.

        Refuses with Busy when too many wait, or it takes too long. Who leaves while a transaction is under way may
        have been served.
        """
        if row in self._waiting:
            answer = await self._gathered(row, asked)
        else:
            answer = await self._first(row, asked)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def _first(self, row: Row, asked: A) -> R | Refusal:
        self._waiting[row] = []
        try:
            return await self._alone(row, asked)
        finally:
            if self._waiting[row]:
                # A context of its own: it is the work of no single one of them.
                serving = asyncio.create_task(self._serve(row), context=Context())
                self._serving.add(serving)
                serving.add_done_callback(self._serving.discard)
            else:
                del self._waiting[row]

    async def _alone(self, row: Row, asked: A) -> R | Refusal:
        async with self._database.begin(row) as session:
            [answer] = await self._verb(session, [asked])
        return answer

    async def _gathered(self, row: Row, asked: A) -> R | Refusal:
        waiting = self._waiting[row]
        if len(waiting) >= self._database.turns.waiting_max:
            raise Busy
        member: _Member[A, R] = _Member(asked, asyncio.get_running_loop().create_future())
        waiting.append(member)
        try:
            await asyncio.wait([member.answer], timeout=turns.patience())
        finally:
            has_left = member in waiting
            if has_left:
                waiting.remove(member)
        if has_left:
            raise Busy
        answer = await member.answer
        turns.note_begun()
        return await self._alone(row, asked) if answer is None else answer

    async def _serve(self, row: Row) -> None:
        """Serve those who wait at *row*, set by set, until nobody does."""
        waiting = self._waiting[row]
        try:
            while waiting:
                await self._serve_set(row, waiting)
        finally:
            del self._waiting[row]

    async def _serve_set(self, row: Row, waiting: list[_Member[A, R]]) -> None:
        members: list[_Member[A, R]] = []
        served: list[tuple[_Member[A, R], R | Refusal | None]] = []
        try:
            async with self._database.begin(row) as session:
                members = _taken(waiting, SET_MAX)
                if members:
                    answers = await self._verb(session, [member.asked for member in members])
                    served = list(zip(members, answers, strict=True))
        except Exception as error:  # noqa: BLE001  # whatever it was, it is met again by who it concerns
            log.info("a set is undone; each goes alone", row=row.kind, error=type(error).__name__)
            served = [(member, None) for member in members or _taken(waiting, len(waiting))]
        except BaseException:
            for member in members:
                member.answer.cancel()
            raise
        for member, answer in served:
            if not member.answer.done():
                member.answer.set_result(answer)


def _taken(waiting: list[_Member[A, R]], count: int) -> list[_Member[A, R]]:
    taken = waiting[:count]
    del waiting[:count]
    return taken
