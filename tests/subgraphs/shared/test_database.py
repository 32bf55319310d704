"""Sessions on a real PostgreSQL: what reads may not do, and a server that closes connections."""

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from tests.fixtures.databases import MakeDatabase, Server

COUNT = text("SELECT count(*) FROM preferences")
INSERT = text("INSERT INTO preferences VALUES (gen_random_uuid(), 'PAYOUT', 'EMAIL', true)")


async def test_a_reading_session_cannot_write(make_database: MakeDatabase) -> None:
    database = await make_database("notifications")
    with pytest.raises(DBAPIError, match="read-only transaction"):
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
    async with database.read() as session:
        await session.scalar(COUNT)
    name = make_url(database.url).database
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    await postgres.execute(f"{terminate} '{name}'")
    async with database.read() as session:
        assert await session.scalar(COUNT) == 0
