"""Sessions on a real PostgreSQL: what reads may not do, and a server that closes connections."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.fixtures.databases import MakeDatabase, Server

COUNT = text("SELECT count(*) FROM preferences")
INSERT = text("INSERT INTO preferences VALUES (gen_random_uuid(), 'PAYOUT', 'EMAIL', true)")


async def test_a_reading_session_cannot_write(make_database: MakeDatabase) -> None:
    database = await make_database("notifications")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.read() as session:
            await session.execute(INSERT)
    async with database.begin() as session:
        await session.execute(INSERT)
    async with database.read() as session:
        assert await session.scalar(COUNT) == 1


async def test_a_transaction_that_raises_leaves_nothing(make_database: MakeDatabase) -> None:
    database = await make_database("notifications")

    async def fail() -> None:
        async with database.begin() as session:
            await session.execute(INSERT)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.read() as session:
        assert await session.scalar(COUNT) == 0


async def test_connections_that_the_server_closed_do_not_fail_the_next_request(
    make_database: MakeDatabase, postgres: Server
) -> None:
    database = await make_database("notifications")
    closed = asyncio.Event()
    async with database.read() as session:
        await session.scalar(COUNT)
        opened = session._connection
        assert opened is not None
        opened.raw.add_termination_listener(lambda _connection: closed.set())
    name = make_url(database.url).database
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    await postgres.execute(f"{terminate} '{name}'")
    # What the server did reaches this side of the socket a moment after the server has done it.
    await closed.wait()
    async with database.read() as session:
        assert await session.scalar(COUNT) == 0


async def test_a_look_sees_what_is_committed_meanwhile_and_a_snapshot_does_not(make_database: MakeDatabase) -> None:
    database = await make_database("notifications")
    async with database.read() as look, database.snapshot() as snapshot:
        assert (await look.scalar(COUNT), await snapshot.scalar(COUNT)) == (0, 0)
        async with database.begin() as session:
            await session.execute(INSERT)
        assert (await look.scalar(COUNT), await snapshot.scalar(COUNT)) == (1, 0)


async def test_a_snapshot_cannot_write_and_leaves_its_connection_as_it_was(make_database: MakeDatabase) -> None:
    database = await make_database("notifications")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.snapshot() as session:
            await session.execute(INSERT)
    async with database.read() as look:
        assert await look.scalar(COUNT) == 0
        async with database.begin() as session:
            await session.execute(INSERT)
        assert await look.scalar(COUNT) == 1
