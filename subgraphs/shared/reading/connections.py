"""
Connections that look: few, the one used last first, each with its prepared statements.

A list is all the pool that looks need: a `Line` has seen to it that there are never more of them than there is room.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy.engine import URL

from subgraphs.shared.availability import is_stale_statement
from subgraphs.shared.reading.shapes import DIALECT, Bound, Record, Shapes

log = structlog.get_logger()

CONNECT_SECONDS = 5
PREPARED_MAX = 200
"""Statements that one connection keeps prepared."""
AGE_SECONDS_MAX = 1800
CLOSE_SECONDS = 2
"""How long a connection may take to end what it does before it is cut."""


@dataclass(eq=False, slots=True)
class LookConnection:
    """One of asyncpg's, and what was prepared on it."""

    raw: Any
    opened_at: float = field(default_factory=time.monotonic)
    prepared: "OrderedDict[str, PreparedStatement[Any]]" = field(default_factory=OrderedDict)
    is_busy: bool = False
    """A statement is under way, or was cut off: whoever gets the connection next would get its answer."""


class Connections:
    """On one database."""

    def __init__(
        self,
        url: URL,
        *,
        server_settings: dict[str, str],
        kept: int,
        opened_since: Callable[[], float],
        note_stale: Callable[[], None],
    ) -> None:
        """*kept* stay open while nobody uses them; those from before *opened_since* are older than the schema."""
        _, arguments = DIALECT.create_connect_args(url)
        self._arguments = {**arguments, "timeout": CONNECT_SECONDS, "server_settings": server_settings}
        self._kept = kept
        self._opened_since = opened_since
        self._note_stale = note_stale
        self._idle: list[LookConnection] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.shapes = Shapes()

    async def take(self) -> LookConnection:
        while self._idle:
            connection = self._idle.pop()
            if self._is_usable(connection):
                return connection
            self.discard(connection)
        raw = await asyncpg.connect(**self._arguments)
        try:
            await raw.set_type_codec("jsonb", encoder=str, decoder=json.loads, schema="pg_catalog")
        except BaseException:  # cancelled, too: nobody else would close it, and the server has room for few
            raw.terminate()
            raise
        return LookConnection(raw)

    def give_back(self, connection: LookConnection, *, is_waited_for: bool) -> asyncio.Task[None] | None:
        """Keep it for the next who looks; or what closes it, if it is of no more use."""
        is_wanted = is_waited_for or len(self._idle) < self._kept
        if is_wanted and not connection.is_busy and self._is_usable(connection):
            self._idle.append(connection)
            return None
        return self.discard(connection)

    def _is_usable(self, connection: LookConnection) -> bool:
        if self._is_closed or connection.raw.is_closed():
            return False
        return connection.opened_at > max(self._opened_since(), time.monotonic() - AGE_SECONDS_MAX)

    def discard(self, connection: LookConnection) -> asyncio.Task[None]:
        """Close it, beside what goes on; a statement that is under way is cancelled at the server first."""
        task = asyncio.get_running_loop().create_task(_close(connection.raw))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    def replace_lost(self, connection: LookConnection) -> None:
        """
        *connection* was lost: the next that is taken is a new one.

        What lies idle was most likely lost in the same moment, and has not heard of it yet.
        """
        for each in (connection, *self._idle):
            self.discard(each)
        self._idle.clear()

    async def close(self) -> None:
        self._is_closed = True
        while self._idle:
            self.discard(self._idle.pop())
        while self._closing:
            await asyncio.wait(self._closing)

    async def ask(self, connection: LookConnection, bound: Bound, text: str, values: Sequence[Any]) -> list[Record]:
        """The records that answer *text* with *values*."""
        connection.is_busy = True
        try:
            statement = connection.prepared.get(text)
            if statement is None:
                statement = await self._prepare(connection, text)
            else:
                connection.prepared.move_to_end(text)
            if not bound.shape.is_known:
                bound.shape.learn([(column.name, column.type.oid) for column in statement.get_attributes()])
            records: list[Record] = await statement.fetch(*values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # It has been answered. Anything else leaves it under way.
            connection.is_busy = False
            if is_stale_statement(error):
                self._note_stale()
            raise
        connection.is_busy = False
        return records

    async def _prepare(self, connection: LookConnection, text: str) -> "PreparedStatement[Any]":
        statement: PreparedStatement[Any] = await connection.raw.prepare(text)
        connection.prepared[text] = statement
        if len(connection.prepared) > PREPARED_MAX:
            connection.prepared.popitem(last=False)
        return statement


async def _close(raw: Any) -> None:
    try:
        await raw.close(timeout=CLOSE_SECONDS)
    except Exception as error:  # noqa: BLE001  # it is gone either way
        log.debug("a connection was cut", error=type(error).__name__)
        raw.terminate()
