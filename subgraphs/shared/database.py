"""
One domain's database: the only place that commits.

`begin()` is a business transaction: everything inside it, its outbox rows included, becomes true together or not
at all. `read()` is a short look; concurrent resolvers must not share one, so each opens its own. `snapshot()` is a long
look, at one moment.

Looks have connections of their own, on which the server refuses to write. A look needs no transaction then: each of its
statements sees what is committed when it begins, as in a READ COMMITTED transaction, and the round trips of BEGIN and
ROLLBACK, which were more than half of all that a request made, are not made.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

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


def _replace_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """A pool's checkout: a connection that the server has closed is exchanged for a fresh one."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server has closed this connection")


def _make_engine(url: str, server_settings: dict[str, str], **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        asyncpg_url(url),
        pool_timeout=5,
        # The connection used last is used next: it and its server process have the statements prepared and at hand,
        # and what a busy moment opened beside it stays small.
        pool_use_lifo=True,
        pool_recycle=1800,
        hide_parameters=True,  # an error's text reaches logs, and parameters are people's data
        connect_args={"timeout": 5, "server_settings": server_settings},
        **options,
    )
    # A server that went away and came back must not fail the next request. asyncpg knows that a connection is
    # closed, so looking is enough; asking the server (`pool_pre_ping`) would cost a round trip each time.
    event.listen(engine.sync_engine, "checkout", _replace_closed)
    return engine


class Database:
    """Sessions on one PostgreSQL database."""

    def __init__(self, url: str, *, pool_size: int = 5, pool_overflow: int = 5, name: str = "peerseed") -> None:
        self.url = url
        settings = {
            "application_name": name,
            "timezone": "UTC",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_TRANSACTION_TIMEOUT_MS),
        }
        pool = {"pool_size": pool_size, "max_overflow": pool_overflow}
        self.engine = _make_engine(url, settings, **pool)
        """For business transactions."""
        only_look = {**settings, "default_transaction_read_only": "on"}
        self.reading_engine = _make_engine(url, only_look, isolation_level="AUTOCOMMIT", **pool)
        """For looks."""
        # Objects stay readable after commit: resolvers build their types from them outside the transaction.
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._reading_sessions = async_sessionmaker(self.reading_engine, expire_on_commit=False)
        one_moment = self.reading_engine.execution_options(isolation_level="REPEATABLE READ")
        self._snapshots = async_sessionmaker(one_moment, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A business transaction, committed when the block ends and undone when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that can only look; each of its statements sees what is committed by then."""
        session = self._reading_sessions()
        try:
            yield session
        finally:
            # Not by `async with session`, which closes in a task of its own so that a cancelled request does not leave
            # a transaction open. Here is none, and without one closing waits for nothing: the task would be for naught.
            await session.close()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session that can only look, and sees one moment, however long it looks."""
        async with self._snapshots() as session:
            yield session

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
        await self.reading_engine.dispose()
