"""Looks: how their statements are written, what their rows can do, and what becomes of their connections."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.orm import undefer

from subgraphs.notifications.models import Notification, Preference
from subgraphs.shared.database import Database
from subgraphs.shared.logging import mask_event
from subgraphs.shared.reading.shapes import Shapes
from subgraphs.shared.statements import is_any_of
from tests.builders.statements import noted_statements
from tests.fixtures.databases import MakeDatabase

MARINA, CARLOS = UUID(int=0xA1), UUID(int=0xA2)
ADD = text("INSERT INTO preferences VALUES (:user_id, :category, :channel, :enabled)")
OF_USERS = select(Preference).where(is_any_of(Preference.user_id, "user_ids")).order_by(Preference.channel)


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> Database:
    """Marina has two preferences, Carlos has one."""
    database = await make_database("notifications")
    rows = [(MARINA, "EMAIL", True), (MARINA, "PUSH", False), (CARLOS, "EMAIL", False)]
    async with database.begin() as session:
        for user_id, channel, enabled in rows:
            values = {"user_id": user_id, "category": "PAYOUT", "channel": channel, "enabled": enabled}
            await session.execute(ADD, values)
    return database


def texts_of(*statements: Any, **values: Any) -> list[tuple[str, list[Any]]]:
    shapes = Shapes()
    return [shapes.bound(statement).write(values) for statement in statements]


def test_statements_that_differ_in_values_alone_have_one_text() -> None:
    def newest(count: int, *, before: datetime) -> Any:
        return select(Notification.id).where(Notification.occurred_at < before).limit(count)

    day = datetime(2026, 8, 14, tzinfo=UTC)
    shapes = Shapes()
    first, second = shapes.bound(newest(3, before=day)), shapes.bound(newest(5, before=day.replace(year=2027)))
    assert first.shape is second.shape
    assert (first.write(None)[1], second.write(None)[1]) == ([day, 3], [day.replace(year=2027), 5])
    assert first.write(None)[0] == second.write(None)[0]


def test_a_statement_keeps_the_values_it_was_written_with_beside_those_it_is_given() -> None:
    statement = select(Preference.channel).where(
        Preference.enabled == bindparam("enabled"), Preference.category.in_(("PAYOUT", "DEPOSIT"))
    )
    bound = Shapes().bound(statement)
    assert [bound.write({"enabled": enabled})[1] for enabled in (True, False)] == [
        [True, "PAYOUT", "DEPOSIT"],
        [False, "PAYOUT", "DEPOSIT"],
    ]


def test_an_in_over_a_list_that_is_given_is_written_out_for_its_length() -> None:
    statement = select(Preference.channel).where(Preference.user_id.in_(bindparam("ids", expanding=True)))
    bound = Shapes().bound(statement)
    assert [bound.write({"ids": ids})[1] for ids in ([MARINA], [MARINA, CARLOS])] == [[MARINA], [MARINA, CARLOS]]


def test_options_of_loading_are_refused() -> None:
    with pytest.raises(TypeError, match="name the columns"):
        Shapes().bound(select(Preference).options(undefer(Preference.enabled)))


def test_a_value_that_is_missing_is_said() -> None:
    bound = Shapes().bound(OF_USERS)
    with pytest.raises(Exception, match="user_ids"):
        bound.write(None)
    bound.write({"user_ids": [MARINA]})
    with pytest.raises(KeyError, match="user_ids"):
        bound.write(None)


async def test_rows_are_of_their_model_and_cannot_be_changed(database: Database) -> None:
    async with database.read() as session:
        row, _ = (await session.scalars(OF_USERS, {"user_ids": [MARINA]})).all()
    assert isinstance(row, Preference)
    assert (row.user_id, row.channel, row.enabled) == (MARINA, "EMAIL", True)
    with pytest.raises(AttributeError):
        row.enabled = False
    assert "PAYOUT" not in repr(row)
    assert mask_event(None, "info", {"rows": [row]}) == {"rows": [repr(row)]}


async def test_two_rows_of_one_record_are_equal_and_one_key(database: Database) -> None:
    async with database.read() as session:
        [first, other] = await session.scalars(OF_USERS, {"user_ids": [MARINA]})
        again = await session.get(Preference, (MARINA, "PAYOUT", "EMAIL"))
    assert first == again
    assert len({first, other, again}) == 2


async def test_one_none_and_many_are_told_apart(database: Database) -> None:
    async with database.read() as session:
        assert await session.get(Preference, (CARLOS, "PAYOUT", "PUSH")) is None
        with pytest.raises(NoResultFound):
            await session.get_one(Preference, (CARLOS, "PAYOUT", "PUSH"))
        marinas = await session.scalars(OF_USERS, {"user_ids": [MARINA]})
        carlos = await session.scalars(OF_USERS, {"user_ids": [CARLOS]})
    with pytest.raises(MultipleResultsFound):
        marinas.one()
    with pytest.raises(MultipleResultsFound):
        marinas.one_or_none()
    with pytest.raises(NoResultFound):
        type(carlos)().one()
    assert carlos.one() is carlos.one_or_none() is carlos.first() is carlos.all()[0]


async def test_things_of_a_row_have_names(database: Database) -> None:
    counted = select(Preference.user_id, func.count().label("chosen")).group_by(Preference.user_id)
    async with database.read() as session:
        found = {row.user_id: row.chosen for row in await session.execute(counted)}
    assert found == {MARINA: 2, CARLOS: 1}


async def test_a_statement_is_prepared_once_on_a_connection(database: Database) -> None:
    for _ in range(3):
        async with database.read() as session:
            await session.scalars(OF_USERS, {"user_ids": [MARINA]})
    async with database.read() as session:
        prepared = await session.scalars(text("SELECT statement FROM pg_prepared_statements"))
    assert [statement for statement in prepared if "preferences" in statement] == [
        noted[0] for noted in texts_of(OF_USERS, user_ids=[MARINA])
    ]


async def test_a_look_that_is_cancelled_ends_at_the_server_and_gives_its_place_back(database: Database) -> None:
    few = Database(database.url, pool_size=1, pool_overflow=0)

    async def sleep() -> None:
        async with few.read() as session:
            await session.scalar(text("SELECT pg_sleep(60)"))

    asleep = text("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'")
    try:
        sleeping = asyncio.create_task(sleep())
        async with database.read() as session:
            while await session.scalar(asleep) != 1:
                pass
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        async with few.read() as session:  # the one place there is
            assert await session.scalar(asleep) == 0
    finally:
        await few.close()


async def test_a_look_that_is_cancelled_while_it_connects_leaves_no_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Database(database.url, pool_size=1, pool_overflow=0)
    opened: asyncio.Future[asyncpg.Connection] = asyncio.get_running_loop().create_future()

    async def hang(connection: asyncpg.Connection, *_: Any, **__: Any) -> None:
        opened.set_result(connection)
        await asyncio.get_running_loop().create_future()

    async def look() -> None:
        async with few.read() as session:
            await session.scalar(text("SELECT 1"))

    try:
        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "set_type_codec", hang)
            looking = asyncio.create_task(look())
            connection = await opened
            looking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await looking
        assert connection.is_closed()
        await look()
    finally:
        await few.close()


async def test_a_look_has_the_bounds_of_a_transaction(database: Database) -> None:
    bounds = text(
        "SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'TimeZone',"
        " 'idle_in_transaction_session_timeout', 'application_name') ORDER BY name"
    )
    async with database.read() as look, database.snapshot() as snapshot, database.begin() as session:
        expected = [tuple(row) for row in await session.execute(bounds)]
        assert [tuple(row) for row in await look.execute(bounds)] == expected
        assert [tuple(row) for row in await snapshot.execute(bounds)] == expected


async def test_what_a_migration_made_stale_is_prepared_again(database: Database) -> None:
    channels = text("SELECT channel FROM preferences WHERE enabled")
    async with database.read() as session:
        assert await session.scalars(channels) == ["EMAIL"]
        opened = session._connection
        assert opened is not None
        # As asyncpg says it after ALTER TABLE: see test_database_away for the whole.
        opened.prepared[next(iter(opened.prepared))] = _Stale()  # type: ignore[assignment]
        assert await session.scalars(channels) == ["EMAIL"]
        assert session._connection is not opened


class _Stale:
    async def fetch(self, *_: Any) -> None:
        raise asyncpg.InvalidCachedStatementError("cached plan must not change result type")


async def test_statements_are_noted_with_their_values(database: Database) -> None:
    with noted_statements(database) as sent:
        async with database.read() as session:
            await session.scalars(OF_USERS, {"user_ids": [MARINA]})
    assert sent == [(text_, tuple(values)) for text_, values in texts_of(OF_USERS, user_ids=[MARINA])]
