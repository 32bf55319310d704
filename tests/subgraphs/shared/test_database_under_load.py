"""More work than connections: who waits, who goes first, and that nobody fails for want of a connection."""

import asyncio
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from subgraphs.shared import turns
from subgraphs.shared.availability import is_unavailable
from subgraphs.shared.database import Database
from subgraphs.shared.refusal import Busy
from subgraphs.shared.turns import LineFull, Row
from tests.fixtures.databases import MakeDatabase

COUNT = text("SELECT count(*) FROM preferences")
OFFERING = Row("offering", 7)


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> Database:
    return await make_database("notifications")


def narrow(database: Database, **bounds: int) -> Database:
    """The same database by one connection for transactions and one for looks, with other *bounds*."""
    return Database(database.url, pool_size=1, pool_overflow=0, **bounds)


async def look(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(COUNT) or 0


async def test_three_hundred_looks_at_once_share_eight_connections(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = [], asyncpg.connect

    async def count(**arguments: Any) -> Any:
        opened.append(arguments)
        return await connect(**arguments)

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg, "connect", count)
        assert await asyncio.gather(*(look(database) for _ in range(300))) == [0] * 300
    assert len(opened) == 6  # of eight; two are never a new request's


async def test_whoever_waits_for_a_popular_row_has_no_connection(database: Database) -> None:
    few = narrow(database)
    try:
        async with few.turns.of(OFFERING):
            waiting = [asyncio.create_task(write(few, OFFERING)) for _ in range(20)]
            await asyncio.sleep(0)
            await write(few)  # the only connection for transactions is free
        await asyncio.gather(*waiting)
    finally:
        await few.close()
    assert len(few.turns) == 0


async def write(database: Database, *rows: Row) -> None:
    async with database.begin(*rows) as session:
        await session.execute(text("INSERT INTO preferences VALUES (gen_random_uuid(), 'PAYOUT', 'EMAIL', true)"))


async def test_the_settings_bound_who_waits_for_a_row(database: Database) -> None:
    few = narrow(database, row_waiting_max=1)
    try:
        async with few.turns.of(OFFERING):
            waiting = asyncio.create_task(write(few, OFFERING))
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await write(few, OFFERING)
        await waiting
    finally:
        await few.close()


async def test_the_settings_bound_who_waits_for_a_connection_and_one_more_is_told_at_once(database: Database) -> None:
    few = narrow(database, connections_waiting_max=1)
    try:
        async with few.read():
            waiting = asyncio.create_task(look(few))
            await asyncio.sleep(0)
            with pytest.raises(LineFull) as refused:
                await look(few)
        assert await waiting == 0
    finally:
        await few.close()
    assert is_unavailable(refused.value)


async def test_a_request_that_has_begun_gets_the_next_connection_before_new_ones(database: Database) -> None:
    few, order = narrow(database), list[str]()

    async def request(name: str, looks: int) -> None:
        with turns.request(30.0):
            for number in range(looks):
                await look(few)
                order.append(f"{name} {number}")

    try:
        await asyncio.gather(request("first", 3), *(request(f"later {number}", 1) for number in range(3)))
    finally:
        await few.close()
    # Only who waited when a place became free comes between its looks: one each time, and not the whole queue.
    assert order == ["first 0", "later 0 0", "first 1", "later 1 0", "first 2", "later 2 0"]
