"""A PostgreSQL that ends connections, changes types, refuses and restarts: what is asked again, and what is told."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from graphql import GraphQLError
from sqlalchemy import bindparam, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from launch.postgres import EmbeddedPostgres
from subgraphs.shared.availability import is_bad_value, is_unavailable
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.masking import present_error
from subgraphs.shared.reading.connections import Connections
from tests.fixtures.databases import MakeDatabase, Server

CHANNELS = text("SELECT channel FROM preferences")
INSERT = text("INSERT INTO preferences VALUES (gen_random_uuid(), 'PAYOUT', 'EMAIL', true)")
WARM = 3


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> Database:
    """With one preference in it."""
    database = await make_database("notifications")
    async with database.begin() as session:
        await session.execute(INSERT)
    return database


async def channels(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(CHANNELS))


async def warm(database: Database) -> None:
    """Have the statement prepared on several connections of each pool."""
    met = asyncio.Barrier(WARM)

    async def use(opened: Any) -> None:
        async with opened as session:
            await session.scalars(CHANNELS)
            await met.wait()

    for open_session in (database.read, database.begin):
        await asyncio.gather(*(use(open_session()) for _ in range(WARM)))


async def widen_column(database: Database, postgres: Server) -> None:
    name = make_url(database.url).database
    owner = Database(make_url(postgres.admin_url).set(database=name).render_as_string(hide_password=False))
    try:
        async with owner.begin() as session:
            await session.execute(text("ALTER TABLE preferences ALTER COLUMN channel TYPE varchar(400)"))
    finally:
        await owner.close()


async def terminate_all(database: Database, postgres: Server) -> None:
    name = make_url(database.url).database
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    await postgres.execute(f"{terminate} '{name}'")


async def error_of(statement: Any, database: Database) -> BaseException:
    """Of *statement* as the second of a transaction."""

    async def run() -> None:
        async with database.begin() as session:
            await session.execute(text("SET LOCAL lock_timeout = 1"))
            await session.execute(statement)

    with pytest.raises((DBAPIError, OSError)) as raised:
        await run()
    return raised.value


def told(error: BaseException) -> str:
    """The code under which a client hears of *error*."""
    shown = present_error(GraphQLError("", original_error=error), subgraph="notifications")  # type: ignore[arg-type]
    return str(shown["extensions"]["code"])


async def test_a_migration_that_changes_a_columns_type_fails_no_look(database: Database, postgres: Server) -> None:
    await warm(database)
    await widen_column(database, postgres)
    assert await asyncio.gather(*(channels(database) for _ in range(36))) == [["EMAIL"]] * 36


async def test_a_transaction_whose_first_statement_is_stale_begins_anew(database: Database, postgres: Server) -> None:
    await warm(database)
    await widen_column(database, postgres)
    for _ in range(WARM):
        async with database.begin() as session:
            assert list(await session.scalars(CHANNELS)) == ["EMAIL"]


async def test_a_transaction_that_meets_a_stale_statement_later_says_try_again_and_only_one_does(
    database: Database, postgres: Server
) -> None:
    await warm(database)
    await widen_column(database, postgres)
    assert told(await error_of(CHANNELS, database)) == "SERVICE_UNAVAILABLE"
    for _ in range(WARM):
        async with database.begin() as session:
            await session.execute(text("SELECT 1"))
            assert list(await session.scalars(CHANNELS)) == ["EMAIL"]


async def test_what_a_transaction_added_is_not_forgotten_by_asking_again(database: Database, postgres: Server) -> None:
    async with database.begin() as session:
        await session.execute(INSERT)
        await terminate_all(database, postgres)
        with pytest.raises((DBAPIError, OSError)) as raised:
            await session.scalars(CHANNELS)
        await session.rollback()
    assert told(raised.value) == "SERVICE_UNAVAILABLE"
    assert await channels(database) == ["EMAIL"]


async def test_a_look_that_loses_its_connection_is_asked_again_and_keeps_what_it_has(
    database: Database, postgres: Server
) -> None:
    async with database.read() as session:
        before = list(await session.scalars(CHANNELS))
        await terminate_all(database, postgres)
        assert (before, list(await session.scalars(CHANNELS))) == (["EMAIL"], ["EMAIL"])


async def test_a_look_is_asked_again_on_a_new_connection_when_others_were_lost_with_its_own(
    database: Database, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warm(database)
    await terminate_all(database, postgres)
    # As in the first moment: none of them has read yet that the server is gone.
    monkeypatch.setattr(Connections, "_is_usable", lambda _connections, _connection: True)
    assert await channels(database) == ["EMAIL"]


async def test_connections_that_are_ended_again_and_again_are_never_a_fault_of_ours(
    database: Database, postgres: Server
) -> None:
    answers, ended = asyncio.Queue[str](), asyncio.Event()

    async def ask() -> None:
        while not ended.is_set():
            try:
                async with database.begin() as session:
                    await session.scalars(CHANNELS)
                    await session.scalars(CHANNELS)
                answers.put_nowait(str(await channels(database)))
            except Exception as error:  # noqa: BLE001  # what it is told as is the question
                answers.put_nowait(told(error))

    asking = [asyncio.create_task(ask()) for _ in range(6)]
    told_since = set()
    for _ in range(15):
        await terminate_all(database, postgres)
        told_since |= {await answers.get() for _ in range(12)}
    ended.set()
    await asyncio.gather(*asking)
    assert told_since <= {"['EMAIL']", "SERVICE_UNAVAILABLE"}


async def test_a_server_that_refuses_more_connections_is_not_available(database: Database, postgres: Server) -> None:
    name = make_url(database.url).database
    await database.close()
    await postgres.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    with pytest.raises(asyncpg.TooManyConnectionsError) as raised:
        await channels(database)
    assert told(raised.value) == "SERVICE_UNAVAILABLE"


@pytest.mark.parametrize("said", [b"", b"E"], ids=["nothing", "half a word"])
async def test_a_server_that_hangs_up_while_a_connection_is_opened_is_not_available(said: bytes) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read(8)
            writer.write(said)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql://nobody:nothing@127.0.0.1:{port}/none?ssl=disable")
    async with server:
        for opened in (database.read(), database.begin()):
            with pytest.raises(Exception) as raised:  # noqa: PT011  # which one it is depends on the moment
                async with opened as session:
                    await session.execute(text("SELECT 1"))
            assert told(raised.value) == "SERVICE_UNAVAILABLE"
    await database.close()


async def test_a_server_that_restarts_is_not_available_and_then_is(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    await server.start()
    database = Database(server.admin_url)
    try:
        async with database.read() as session:
            assert await session.scalar(text("SELECT 1")) == 1
        await server.stop()
        with pytest.raises(Exception) as raised:  # noqa: PT011  # refused, reset or closed
            async with database.read() as session:
                await session.scalar(text("SELECT 1"))
        assert told(raised.value) == "SERVICE_UNAVAILABLE"
        await server.start()
        async with database.read() as session:
            assert await session.scalar(text("SELECT 1")) == 1
    finally:
        await database.close()
        await server.stop()


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT CAST(:value AS text)", "a\0b"),
        ("SELECT CAST(:value AS text)", "\ud800"),
        ("SELECT CAST(:value AS bigint)", 2**63),
        ("SELECT CAST(CAST(:value AS text) AS bigint)", str(2**63)),
        ("SELECT CAST(CAST(:value AS text) AS date)", "2026-02-30"),
    ],
    ids=["NUL", "lone surrogate", "65 bits", "numeric overflow", "no such day"],
)
async def test_a_value_that_no_database_can_hold_is_the_clients_error(
    database: Database, statement: str, value: object
) -> None:
    error = await error_of(text(statement).bindparams(bindparam("value", value)), database)
    assert (told(error), is_bad_value(error), is_unavailable(error)) == ("BAD_USER_INPUT", True, False)


async def test_a_statement_that_makes_no_sense_is_a_fault_of_ours(database: Database) -> None:
    assert told(await error_of(text("SELECT nothing FROM nowhere"), database)) == "INTERNAL_SERVER_ERROR"


async def test_a_lock_that_is_waited_for_too_long_says_try_again(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("SELECT * FROM preferences FOR UPDATE"))
        error = await error_of(text("SELECT * FROM preferences FOR UPDATE"), database)
    assert told(error) == "SERVICE_UNAVAILABLE"
