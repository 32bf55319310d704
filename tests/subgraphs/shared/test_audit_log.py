"""The audit log is alike in every domain: what it reads only grows, is found by indexes, and is paged without loss."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.audit import AuditLog, Place, Trail, Wanted, list_acts
from subgraphs.shared.database import Database
from subgraphs.shared.proposals import Proposal
from tests.fixtures.databases import MakeDatabase, as_owner, sql_of_the_owner

DOMAINS = ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANA, BRUNO, SOMETHING = (uuid.UUID(int=number) for number in (0xB1, 0xB2, 0xC1))


def audit_log_of(domain: str) -> AuditLog:
    found: AuditLog = import_module(f"subgraphs.{domain}.domain.audit").AUDIT_LOG
    return found


TRAILS = [(domain, trail) for domain in DOMAINS for trail in audit_log_of(domain).trails]


def table_of(trail: Trail) -> str:
    name: str = trail.id.class_.__tablename__
    return name


@pytest.mark.parametrize("domain", DOMAINS)
async def test_what_it_reads_only_grows_whoever_writes(make_database: MakeDatabase, domain: str) -> None:
    """By triggers before UPDATE, DELETE and TRUNCATE, so that the owner is refused as well."""
    database = await make_database(domain)
    for table in {table_of(trail) for trail in audit_log_of(domain).trails}:
        kinds = await sql_of_the_owner(
            database,
            "SELECT tgtype FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass) AND tgenabled = 'O' "
            "AND tgtype & 2 > 0 AND NOT tgisinternal",
            name=table,
        )
        delete, update, truncate = (sum(kind["tgtype"] & bit for kind in kinds) for bit in (8, 16, 32))
        assert delete, table
        assert update, table
        assert truncate, table
        with pytest.raises(DBAPIError):
            await sql_of_the_owner(database, f"TRUNCATE {table} CASCADE")


def looked_for(trail: Trail) -> list[Wanted]:
    """One filter at a time; the last with everything of a page that is not the first."""
    wanted = [Wanted(), Wanted(since=NOW, until=NOW), Wanted(actor_id=ANA)]
    if trail.person is not None:
        wanted.append(Wanted(person_id=ANA))
    if trail.subject is not None:
        wanted.append(Wanted(subject_id=SOMETHING))
    return wanted


@pytest.mark.parametrize(("domain", "trail"), TRAILS, ids=[f"{domain} {trail.name}" for domain, trail in TRAILS])
async def test_no_table_is_looked_through(make_database: MakeDatabase, domain: str, trail: Trail) -> None:
    database = await make_database(domain)
    async with as_owner(database) as session:
        # What can be found by an index is then, also where there is nothing yet.
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        await session.execute(text("SET LOCAL enable_bitmapscan = off"))
        for wanted in looked_for(trail):
            statement = trail.question(wanted)
            assert statement is not None
            asked = statement.limit(21).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
            plan = json.dumps(
                (await session.execute(text(f"EXPLAIN (FORMAT JSON) {asked}".replace(":", "\\:")))).scalar()
            )
            assert "Seq Scan" not in plan, (wanted, plan)
            # What there is of one subject or person may be put in order: it is few.
            assert '"Sort"' not in plan or wanted.subject_id or wanted.person_id, (wanted, plan)


async def propose_and_decide(database: Database, count: int) -> None:
    """Proposals that are made and decided at the same few instants."""
    async with database.begin() as session:
        for number in range(count):
            session.add(
                Proposal(
                    id=uuid.uuid4(),
                    kind="CHANGE_RULE",
                    subject_id=uuid.UUID(int=number),
                    content={"rule": "tax_rules", "valid_from": "2026-12-01"},
                    foreseen=[],
                    reason="as the law says",
                    proposed_by=ANA,
                    proposed_at=NOW + timedelta(seconds=number // 3),
                    expires_at=NOW + timedelta(days=1),
                    idempotency_key=f"key {number}",
                )
            )
    async with database.begin() as session:
        await session.execute(
            text(
                "UPDATE staff_proposals SET outcome = 'APPROVED', decided_by = :who, decided_at = proposed_at "
                "WHERE idempotency_key <> 'key 0'"
            ),
            {"who": BRUNO},
        )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 40])
async def test_pages_lose_nothing_of_one_instant_and_say_nothing_twice(make_database: MakeDatabase, size: int) -> None:
    database, audit_log = await make_database("distribution"), audit_log_of("distribution")
    await propose_and_decide(database, 8)
    found: list[Place] = []
    async with database.read() as session:
        while page := await list_acts(session, audit_log, Wanted(), after=found[-1] if found else None, limit=size):
            found += [entry.place for entry in page]
        whole = await list_acts(session, audit_log, Wanted(), after=None, limit=100)
    assert found == [entry.place for entry in whole]
    assert len(set(found)) == len(found) == 15
    assert [entry.at for entry in whole] == sorted((entry.at for entry in whole), reverse=True)


async def test_each_filter_finds_its_own(make_database: MakeDatabase) -> None:
    database, audit_log = await make_database("distribution"), audit_log_of("distribution")
    await propose_and_decide(database, 8)

    async def found(**wanted: object) -> list[tuple[str, uuid.UUID | None]]:
        async with database.read() as session:
            acts = await list_acts(session, audit_log, Wanted(**wanted), after=None, limit=100)  # type: ignore[arg-type]
        return [(act.action, act.actor_id) for act in acts]

    assert await found(actor_id=BRUNO) == [("PROPOSAL_APPROVED", BRUNO)] * 7
    assert await found(actions=["PROPOSED"]) == [("PROPOSED", ANA)] * 8
    assert await found(actions=["PROPOSAL_REJECTED"]) == []
    assert await found(actions=[]) == []
    assert await found(subject_id=uuid.UUID(int=1)) == [("PROPOSED", ANA), ("PROPOSAL_APPROVED", BRUNO)]
    assert await found(subject_id=uuid.UUID(int=0)) == [("PROPOSED", ANA)]
    assert await found(person_id=ANA) == []
    second = NOW + timedelta(seconds=1)
    assert await found(since=second, until=second + timedelta(seconds=1)) == [
        *[("PROPOSED", ANA)] * 3,
        *[("PROPOSAL_APPROVED", BRUNO)] * 3,
    ]
