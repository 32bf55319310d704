"""
Who comes while one is served is served with all who did, in one transaction.

Where many want the same rows, each transaction is a handful of round trips for which others wait, and a commit. So
while one is under way, those who come gather, whichever rows they want, and the next is for all of them. Who meets
nobody goes alone at once.

    investing = Together(database, invest)
    investment = await investing.ask(offering_row(offering_id), wish)

The verb takes a session and what was asked, in the order of coming, and answers each: with a result, or with a refusal,
of which it has undone what there was. It locks rows in the order of their ids. Whatever goes wrong undoes all, and then
each asks alone. So does who wants a row that is somebody else's at the moment: nobody here waits for that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
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
    row: Row
    asked: A
    answer: asyncio.Future[R | Refusal | None]
    """None says: alone."""

    def get(self, answer: R | Refusal | None) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class Together(Generic[A, R]):
    """What is asked of *database* by a verb for sets."""

    def __init__(self, database: Database, verb: Verb[A, R]) -> None:
        self._database = database
        self._verb = verb
        self._rows: Collection[Row] = ()
        """Of the transaction that is under way."""
        self._waiting: list[_Member[A, R]] = []
        self._serving: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many wait at this moment to be served with others."""
        return len(self._waiting)

    async def ask(self, row: Row, asked: A) -> R:
        """
        The verb's answer to what is *asked* of *row*; raises what it refuses.

        Refuses with Busy when too many wait for the row, or it takes too long. Who leaves while a transaction is under
        way may have been served.
        """
        if row not in self._rows and not self._database.turns.is_free(row):
            answer = await self._alone(row, asked)
        elif self._rows or self._serving:
            answer = await self._gathered(row, asked)
        else:
            answer = await self._first(row, asked)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def _alone(self, row: Row, asked: A) -> R | Refusal:
        async with self._database.begin(row) as session:
            [answer] = await self._verb(session, [asked])
        return answer

    async def _first(self, row: Row, asked: A) -> R | Refusal:
        self._rows = (row,)
        try:
            return await self._alone(row, asked)
        finally:
            self._rows = ()
            if self._waiting:
                # A context of its own: it is the work of no single one of them.
                self._serving = asyncio.create_task(self._serve(), context=Context())

    async def _gathered(self, row: Row, asked: A) -> R | Refusal:
        if sum(member.row == row for member in self._waiting) >= self._database.turns.waiting_max:
            raise Busy
        member: _Member[A, R] = _Member(row, asked, asyncio.get_running_loop().create_future())
        self._waiting.append(member)
        try:
            await asyncio.wait([member.answer], timeout=turns.patience())
        finally:
            has_left = member in self._waiting
            if has_left:
                self._waiting.remove(member)
        if has_left:
            raise Busy
        answer = await member.answer
        turns.note_begun()
        return await self._alone(row, asked) if answer is None else answer

    async def _serve(self) -> None:
        """Serve those who wait, set by set, until nobody does."""
        try:
            while self._waiting:
                taken = self._waiting[:SET_MAX]
                del self._waiting[:SET_MAX]
                if members := self._free(taken):
                    await self._serve_set(members)
        finally:
            self._serving = None

    def _free(self, taken: Sequence[_Member[A, R]]) -> list[_Member[A, R]]:
        """Those whose rows have been taken by nobody else meanwhile; the others wait for theirs alone."""
        members = [member for member in taken if self._database.turns.is_free(member.row)]
        for member in taken:
            if member not in members:
                member.get(None)
        return members

    async def _serve_set(self, members: Sequence[_Member[A, R]]) -> None:
        self._rows = sorted({member.row for member in members})
        try:
            async with self._database.begin(*self._rows) as session:
                answers = await self._verb(session, [member.asked for member in members])
                served = list(zip(members, answers, strict=True))
        except Exception as error:  # noqa: BLE001  # whatever it was, it is met again by who it concerns
            log.info("a set is undone; each goes alone", error=type(error).__name__)
            for member in members:
                member.get(None)
        except BaseException:
            for member in members:
                member.answer.cancel()
            raise
        else:
            for member, answer in served:
                member.get(answer)
        finally:
            self._rows = ()
