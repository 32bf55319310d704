"""Many rows are written in one statement, and are what they would be if written one by one."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from subgraphs.notifications.models import Notification
from subgraphs.shared.at_once import for_all
from subgraphs.shared.correlation import Origin
from subgraphs.shared.database import Database
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.wallet.schemas.events import HoldReleased
from tests.fixtures.databases import MakeDatabase

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> Database:
    return await make_database("notifications")


def a_notification(title: str = "Olá", **more: object) -> Notification:
    values = {
        "id": new_id(),
        "user_id": uuid.UUID(int=1),
        "category": "INVESTMENT",
        "title": title,
        "body": "",
        "title_english": "",
        "body_english": "",
        "occurred_at": NOON,
        "event_id": new_id(),
    }
    return Notification(**(values | more))


@pytest.mark.parametrize(
    ("statement", "at_once"),
    [
        (
            "INSERT INTO holds (id, at) VALUES ($1::UUID, $2::TIMESTAMP WITH TIME ZONE)",
            "INSERT INTO holds (id, at) SELECT * FROM unnest($1::UUID[], $2::TIMESTAMP WITH TIME ZONE[])",
        ),
        (
            'INSERT INTO lines ("order", rate) VALUES ($1::BIGINT, $2::NUMERIC(10, 4))',
            'INSERT INTO lines ("order", rate) SELECT * FROM unnest($1::BIGINT[], $2::NUMERIC(10, 4)[])',
        ),
        (
            "UPDATE holds SET status=$1::VARCHAR WHERE holds.id = $2::UUID AND holds.part = $3::INTEGER",
            (
                "UPDATE holds SET status=given.v1 FROM unnest($1::VARCHAR[], $2::UUID[], $3::INTEGER[])"
                " AS given(v1, v2, v3) WHERE holds.id = given.v2 AND holds.part = given.v3"
            ),
        ),
        ("INSERT INTO holds (id, at) VALUES ($1::UUID, now())", None),
        ("INSERT INTO holds (id, tags) VALUES ($1::UUID, $2::TEXT[])", None),
        ("INSERT INTO holds (id) VALUES ($1::UUID) ON CONFLICT DO NOTHING", None),
        ("INSERT INTO holds (id) VALUES ($1::UUID) RETURNING holds.number", None),
        ("UPDATE holds SET part=(holds.part + $1::INTEGER) WHERE holds.id = $2::UUID", None),
        ("UPDATE holds SET part=$1::INTEGER WHERE holds.part < $2::INTEGER", None),
        ("DELETE FROM holds WHERE holds.id = $1::UUID", None),
    ],
)
def test_what_has_a_form_for_many_rows(statement: str, at_once: str | None) -> None:
    assert for_all(statement)[0] == at_once


WRITTEN = st.lists(
    st.tuples(
        st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
        st.none() | st.uuids(),
        st.integers(0, 10_000_000_000).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    ),
    min_size=2,
    max_size=20,
)


@given(written=WRITTEN)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_rows_are_what_they_would_be_one_by_one(
    database: Database, written: list[tuple[str, uuid.UUID | None, datetime]]
) -> None:
    people = uuid.uuid4(), uuid.uuid4()
    async with database.begin() as session:
        for person in people:
            for title, subject, at in written:
                session.add(a_notification(title, user_id=person, subject_id=subject, occurred_at=at))
                if person is people[0]:
                    await session.flush()
    async with database.begin() as session:
        theirs = select(Notification).order_by(Notification.place)
        for person in people:
            for row in await session.scalars(theirs.where(Notification.user_id == person)):
                row.body = row.title * 2
                row.read_at = row.occurred_at + timedelta(days=row.place)
                if person is people[0]:
                    await session.flush()
    async with database.read() as session:
        found = [
            [
                (it.title, it.body, it.subject_id, it.occurred_at, it.read_at, it.place)
                for it in await session.scalars(theirs.where(Notification.user_id == person))
            ]
            for person in people
        ]
    assert found[0] == found[1]
    assert [row[:3] for row in found[1]] == [(title, title * 2, subject) for title, subject, _ in written]


async def test_all_of_it_is_one_statement_to_the_server(database: Database) -> None:
    async with database.begin() as session:
        session.add_all([a_notification() for _ in range(30)])
        await session.flush()
        # Of one command they have the same number.
        commands = await session.scalars(text("SELECT DISTINCT cmin::text FROM notifications"))
        assert len(commands.all()) == 1


async def test_a_row_that_may_not_be_undoes_all(database: Database) -> None:
    event_id = new_id()
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            session.add_all([a_notification(), a_notification(event_id=event_id), a_notification(event_id=event_id)])
    async with database.read() as session:
        assert (await session.scalars(select(Notification))).all() == []


async def test_of_two_changes_of_one_row_the_second_counts(database: Database) -> None:
    row = a_notification()
    async with database.begin() as session:
        session.add(row)
    async with database.begin() as session:
        await session.execute(update(Notification), [{"id": row.id, "body": body} for body in ("first", "second")])
    async with database.read() as session:
        assert [it.body for it in await session.scalars(select(Notification))] == ["second"]


async def test_facts_of_one_transaction_are_numbered_as_they_were_recorded(database: Database) -> None:
    released = [
        HoldReleased(hold_id=new_id(), reference_id=new_id(), user_id=new_id(), amount_minor=cents, expired=False)
        for cents in range(1, 41)
    ]
    async with database.begin() as session:
        for fact in released:
            with Origin(f"request {fact.amount_minor}", None).restored():
                outbox.record(session, fact)
        await session.flush()
        commands = await session.scalars(text("SELECT DISTINCT cmin::text FROM outbox"))
        assert len(commands.all()) == 1
    async with database.read() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()
    assert [row.data["amount_minor"] for row in rows] == list(range(1, 41))
    assert [row.correlation_id for row in rows] == [f"request {cents}" for cents in range(1, 41)]
    assert len({row.id for row in rows}) == 40


async def test_what_is_refused_tells_nothing(database: Database) -> None:
    released = HoldReleased(hold_id=new_id(), reference_id=new_id(), user_id=new_id(), amount_minor=1, expired=False)
    async with database.begin() as session:
        outbox.record(session, released)
        outbox.record(session, released)
        await session.flush()
        await session.rollback()
    async with database.read() as session:
        assert (await session.scalars(select(OutboxRow))).all() == []
