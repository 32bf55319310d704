"""What waits for another domain is found by indexes, and what was told is told again as it was, once."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from subgraphs.marketplace.schemas.events import InvestmentRequested
from subgraphs.shared.database import Database
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.catalogue import discover
from subgraphs.shared.sagas import Answer, Sagas, Wait, say_again
from tests.fixtures.databases import MakeDatabase, as_owner, sql_of_the_owner

ASKERS = ("contracts", "marketplace", "wallet", "distribution")
ANSWERERS = ("wallet", "distribution")


def sagas_of(domain: str) -> Sagas:
    found: Sagas = import_module(f"subgraphs.{domain}.domain.sagas").SAGAS
    return found


def answers_of(domain: str) -> dict[str, Answer]:
    found: dict[str, Answer] = import_module(f"subgraphs.{domain}.domain.sagas").ANSWERS
    return found


WAITS = [(domain, wait) for domain in ASKERS for wait in sagas_of(domain).waits]


@pytest.mark.parametrize(("domain", "wait"), WAITS, ids=[wait.what for _, wait in WAITS])
async def test_what_waits_is_found_by_an_index(make_database: MakeDatabase, domain: str, wait: Wait) -> None:
    database = await make_database(domain)
    async with as_owner(database) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        asked = wait.question(now=datetime(2026, 11, 23, tzinfo=UTC)).compile(
            dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
        )
        explain = text(f"EXPLAIN (FORMAT JSON) {asked}".replace(":", "\\:"))
        plan = json.dumps((await session.execute(explain)).scalar())
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(("domain", "wait"), WAITS, ids=[wait.what for _, wait in WAITS])
def test_who_answers_says_it_again_by_the_types_that_are_waited_for(domain: str, wait: Wait) -> None:
    by_type = {payload.type: payload for payloads in discover().published.values() for payload in payloads}
    assert wait.asked_as in wait.asked_by.model_fields
    assert sagas_of(domain).awaited is by_type[f"{domain}.answer_awaited.v1"]
    (answer,) = [answers[wait.what] for answers in map(answers_of, ANSWERERS) if wait.what in answers]
    assert tuple(payload.type for payload in answer.types) == wait.answers
    assert all(answer.told_as in payload.model_fields for payload in answer.types)


def requested(investment_id: uuid.UUID) -> InvestmentRequested:
    return InvestmentRequested(
        investment_id=investment_id,
        offering_id=uuid.UUID(int=2),
        cpr_id=uuid.UUID(int=3),
        investor_id=uuid.UUID(int=4),
        quota_count=1,
        amount_minor=100_00,
    )


async def told(database: Database) -> list[dict[str, Any]]:
    return await sql_of_the_owner(
        database, "SELECT data ->> 'investment_id' AS id, event_id, sent_at FROM outbox ORDER BY id"
    )


async def test_one_fact_is_told_again_as_it_was_and_no_other(make_database: MakeDatabase) -> None:
    """By the machine's clock, a fact is looked for only around when it was recorded."""
    database, now = await make_database("marketplace"), datetime.now(UTC)
    ours, others = uuid.uuid4(), uuid.uuid4()
    async with database.begin() as session:
        for investment_id in (ours, others):
            outbox.record(session, requested(investment_id), occurred_at=now)
    await sql_of_the_owner(database, "UPDATE outbox SET sent_at = now(), attempts = 3")
    before = await told(database)

    async def again(type_: str, *, since: datetime) -> set[str]:
        """Whose is to be sent then."""
        async with database.begin() as session:
            await say_again(session, [type_], {"investment_id": ours}, since=since, until=since + timedelta(minutes=1))
        return {row["id"] for row in await told(database) if row["sent_at"] is None}

    assert await again("marketplace.investment_confirmed.v1", since=now) == set()
    assert await again(InvestmentRequested.type, since=now - timedelta(hours=1)) == set()
    assert await again(InvestmentRequested.type, since=now + timedelta(hours=1)) == set()
    assert await again(InvestmentRequested.type, since=now) == {str(ours)}
    assert [(row["id"], row["event_id"]) for row in await told(database)] == [
        (row["id"], row["event_id"]) for row in before
    ]
