"""
One domain's database: the only place that commits.

`begin()` is a business transaction: everything inside it, its outbox rows included, becomes true together or not
at all. `read()` is a short look; concurrent resolvers must not share one, so each opens its own. `snapshot()` is a long
look, at one moment.

Looks have connections of their own, on which the server refuses to write. A look needs no transaction then: each of its
statements sees what is committed when it begins, as in a READ COMMITTED transaction, and the round trips of BEGIN and
ROLLBACK, which were more than half of all that a request made, are not made.

Connections are few and work is much: `turns` says who has one next, before the pool is asked. Who has to wait for a row
that many want waits before that, without a connection.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from subgraphs.shared.asking_again import TransactionSession
from subgraphs.shared.at_once import write_at_once
from subgraphs.shared.availability import is_stale_statement
from subgraphs.shared.idempotency import keep_refusal
from subgraphs.shared.reading import Connections, ReadSession, SnapshotSession
from subgraphs.shared.refusal import Refusal
from subgraphs.shared.settings import SubgraphSettings
from subgraphs.shared.turns import Line, Row, Turns, note_begun

log = structlog.get_logger()

STATEMENT_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_MS = 5_000
IDLE_TRANSACTION_TIMEOUT_MS = 30_000


class Base(DeclarativeBase):
    """Mapped classes of one domain derive from a subclass of this with a `metadata` of its own."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __abstract__ = True

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own protocol
        UUID: Uuid(as_uuid=True),
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
    }


def asyncpg_url(url: str) -> URL:
    """*url* for SQLAlchemy's asyncpg dialect, whatever PostgreSQL spelling it came in."""
    return make_url(url).set(drivername="postgresql+asyncpg")


class _Freshness:
    """
    Which pooled connections may still be used.

    A server that went away and came back must not fail the next request. asyncpg knows that a connection is closed, so
    looking is enough; asking the server (`pool_pre_ping`) would cost a round trip each time. And when a migration has
    made one connection's prepared statements stale, so it has those of every connection that is older: none of them
    is used again, in either pool.
    """

    def __init__(self) -> None:
        self.opened_since = 0.0

    def watch(self, engine: AsyncEngine) -> None:
        event.listen(engine.sync_engine, "connect", self._note_opened)
        event.listen(engine.sync_engine, "checkout", self._replace_unusable)
        event.listen(engine.sync_engine, "handle_error", self._look_at_error)

    def _note_opened(self, _connection: Any, record: Any) -> None:
        record.info["opened_at"] = time.monotonic()

    def _replace_unusable(self, connection: Any, record: Any, _proxy: Any) -> None:
        """The pool exchanges the connection for a fresh one."""
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server has closed this connection")
        if record.info["opened_at"] < self.opened_since:
            raise DisconnectionError("this connection is older than the schema")

    def note_stale(self) -> None:
        self.opened_since = time.monotonic()

    def _look_at_error(self, context: ExceptionContext) -> None:
        if is_stale_statement(context.original_exception):
            self.note_stale()
            context.is_disconnect = True  # this connection is not given back to the pool


def _make_engine(url: str, server_settings: dict[str, str], **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        asyncpg_url(url),
        # A bound for the few who do not wait in a line before.
        pool_timeout=5,
        # The connection used last is used next: it and its server process have the statements prepared and at hand,
        # and what a busy moment opened beside it stays small.
        pool_use_lifo=True,
        pool_recycle=1800,
        hide_parameters=True,  # an error's text reaches logs, and parameters are people's data
        connect_args={"timeout": 5, "server_settings": server_settings},
        **options,
    )
    write_at_once(engine)
    return engine


STANDING_CONNECTIONS = 2
"""Beside the lines: the relay's, which listens for as long as it runs, and a look at whether the server answers."""

KEPT_BACK_SHARE = 4
"""One in four connections is never a new request's, so that reactions and what is under way always find one."""


class Database:
    """Sessions on one PostgreSQL database."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        pool_overflow: int = 5,
        connections_waiting_max: int = 1_000,
        row_waiting_max: int = 100,
        name: str = "peerseed",
        clock_moved: bool = False,
    ) -> None:
        self.url = url
        self.clock_moved = clock_moved
        """Whether what is written here is dated by a clock that was moved from outside."""
        settings = {
            "application_name": name,
            "timezone": "UTC",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_TRANSACTION_TIMEOUT_MS),
            # For triggers that measure the dates they are given by the server's own clock.
            "peerseed.clock": "MOVED" if clock_moved else "SYSTEM",
        }
        pool = {"pool_size": pool_size, "max_overflow": pool_overflow + STANDING_CONNECTIONS}
        self.engine = _make_engine(url, settings, **pool)
        """For business transactions."""
        freshness = _Freshness()
        freshness.watch(self.engine)
        self.looking = Connections(
            asyncpg_url(url),
            server_settings={**settings, "default_transaction_read_only": "on"},
            kept=pool_size,
            opened_since=lambda: freshness.opened_since,
            note_stale=freshness.note_stale,
        )
        """For looks."""
        # Objects stay readable after commit: resolvers build their types from them outside the transaction.
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, sync_session_class=TransactionSession)
        places = pool_size + pool_overflow
        line = {"places": places, "kept_back": places // KEPT_BACK_SHARE, "waiting_max": connections_waiting_max}
        self._transactions = Line(f"{name}'s connections for transactions", **line)
        self._looks = Line(f"{name}'s connections for looks", **line)
        self.turns = Turns(waiting_max=row_waiting_max)
        """Before rows that many want."""

    @classmethod
    def from_settings(cls, settings: SubgraphSettings, *, name: str, clock_moved: bool = False) -> "Database":
        """The database of the domain *name*; its work is dated by another clock than the machine's if *clock_moved*."""
        return cls(
            settings.database_url.get_secret_value(),
            pool_size=settings.database_pool_size,
            connections_waiting_max=settings.connections_waiting_max,
            row_waiting_max=settings.row_waiting_max,
            name=name,
            clock_moved=clock_moved,
        )

    @asynccontextmanager
    async def begin(self, *rows: Row) -> AsyncIterator[AsyncSession]:
        """
        A business transaction, committed when the block ends and undone when it raises.

        *rows* are those that it will lock and many want: it waits its turn at each, in this order, which has to be the
        order of the locks, and has no connection until then. Refuses with Busy when too many wait there.

        What is refused under an idempotency key is undone but for the key, whose answer that is.
        """
        async with self.turns.of(*rows), self._transactions.place(), self._sessions() as session:
            note_begun()
            try:
                yield session
            except Refusal as refused:
                if await keep_refusal(session, refused):
                    await session.commit()
                raise
            await session.commit()

    def read(self) -> ReadSession:
        """A session that can only look; each of its statements sees what is committed by then."""
        return ReadSession(self.looking, self._looks)

    def snapshot(self) -> SnapshotSession:
        """A session that can only look, and sees one moment, however long it looks."""
        return SnapshotSession(self.looking, self._looks)

    async def answers(self) -> bool:
        """Whether the server can be asked something."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as error:  # noqa: BLE001  # whatever it is, the answer is no
            log.warning("the database does not answer", error=str(error))
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()
        await self.looking.close()
