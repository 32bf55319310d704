"""Parameters change alike in every domain: proposed, approved by another, in force from a day to come, on record."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.clock import business_date
from subgraphs.shared.database import Database
from subgraphs.shared.parameters import Parameters, Rule
from subgraphs.shared.parameters.changes import Change, approve_change, propose_change
from subgraphs.shared.parameters.rules import Row, list_problems, list_rows
from subgraphs.shared.proposals import Proposal
from subgraphs.shared.refusal import InvalidInput, OwnProposal, ProposalPending
from tests.fixtures.databases import MakeDatabase, as_owner, sql_of_the_owner

DOMAINS = ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution")
ANA, BRUNO = uuid.UUID(int=0xB1), uuid.UUID(int=0xB2)
NOW = datetime.now(UTC)
TODAY = business_date(NOW)
TOMORROW = TODAY + timedelta(days=1)


def parameters_of(domain: str) -> Parameters:
    found: Parameters = import_module(f"subgraphs.{domain}.domain.parameters").PARAMETERS
    return found


RULES = [(domain, rule.name) for domain in DOMAINS for rule in parameters_of(domain).rules]


def stated(row: Row, **changed: str) -> tuple[str, Mapping[str, str]]:
    """All that a row says, but for the day and what is changed."""
    return row.table.name, {
        name: changed.get(name, value or "") for name, value in row.values.items() if name != row.table.dated
    }


def said(row: Row, **changed: str) -> tuple[str, Mapping[str, str]]:
    """The same once more; of a text it is the next version."""
    if row.table.name == "consent_texts":
        changed = {"version": str(int(row.values["version"] or 0) + 1)} | changed
    return stated(row, **changed)


async def in_force(database: Database, parameters: Parameters, rule: Rule) -> list[Row]:
    async with database.read() as session:
        rows = await list_rows(session, parameters, rule)
    return [row for row in rows if row.valid_from <= TODAY and (row.valid_until is None or row.valid_until > TODAY)]


async def propose(
    database: Database, parameters: Parameters, rule: str, rows: list[Any], *, on: date = TOMORROW, key: str = ""
) -> Proposal:
    change = Change(
        rule=rule, valid_from=on, rows=rows, actor_id=ANA, reason="as the law says",
        idempotency_key=key or str(uuid.uuid4()),
    )  # fmt: skip
    async with database.begin() as session:
        return await propose_change(session, parameters, change, now=NOW)


async def approve(database: Database, parameters: Parameters, proposal: Proposal, by: uuid.UUID = BRUNO) -> Proposal:
    async with database.begin() as session:
        return await approve_change(session, parameters, proposal.id, actor_id=by, now=NOW)


async def problems(database: Database, parameters: Parameters) -> list[str]:
    async with database.read() as session:
        return await list_problems(session, parameters)


@pytest.mark.parametrize(("domain", "name"), RULES)
async def test_what_two_have_agreed_on_holds_from_its_day(make_database: MakeDatabase, domain: str, name: str) -> None:
    database, parameters = await make_database(domain), parameters_of(domain)
    rule = parameters.find_rule(name)
    assert rule is not None
    old = await in_force(database, parameters, rule)
    if rule.tables[0].by:
        old = old[:1]
    proposal = await propose(database, parameters, name, [said(row) for row in old])
    assert (proposal.content["rule"], proposal.content["valid_from"]) == (name, TOMORROW.isoformat())
    async with database.read() as session:
        before = await list_rows(session, parameters, rule)
    assert all(row.valid_from != TOMORROW for row in before)
    await approve(database, parameters, proposal)
    async with database.read() as session:
        after = await list_rows(session, parameters, rule)
    new = [row for row in after if row.valid_from == TOMORROW]
    assert [stated(row) for row in new] == [said(row) for row in old]
    assert {row.place for row in after if row.valid_until == TOMORROW} == {row.place for row in old}
    assert await problems(database, parameters) == []


@pytest.mark.parametrize(("domain", "name"), RULES)
async def test_a_rule_is_never_edited_or_deleted_nor_added_by_the_service(
    make_database: MakeDatabase, domain: str, name: str
) -> None:
    database, parameters = await make_database(domain), parameters_of(domain)
    rule = parameters.find_rule(name)
    assert rule is not None
    columns = {table.name: table.dated for table in rule.tables} | {"recorded_rules": "number"}
    for table, column in columns.items():
        edit = f"UPDATE {table} SET {column} = {column} + 1"  # noqa: S608  # names above
        for wrong in (edit, f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608  # as above
            with pytest.raises(DBAPIError, match="stays as it was recorded"):
                await sql_of_the_owner(database, wrong)
            with pytest.raises(DBAPIError, match="permission denied"):
                async with database.begin() as session:
                    await session.execute(text(wrong))
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.begin() as session:
                await session.execute(text(f"INSERT INTO {table} SELECT * FROM {table}"))  # noqa: S608  # names above


async def fees(make_database: MakeDatabase) -> tuple[Database, Parameters]:
    return await make_database("wallet"), parameters_of("wallet")


def fee(rate: str) -> list[Any]:
    return [("secondary_fee_rates", {"rate": rate, "note": "as agreed"})]


async def test_nobody_approves_their_own_and_it_is_done_once(make_database: MakeDatabase) -> None:
    database, parameters = await fees(make_database)
    proposal = await propose(database, parameters, "secondary_fee_rates", fee("0.015"))
    with pytest.raises(OwnProposal):
        await approve(database, parameters, proposal, ANA)
    for _ in range(2):
        assert (await approve(database, parameters, proposal)).outcome == "APPROVED"
    async with database.read() as session:
        count = await session.scalar(text("SELECT count(*) FROM secondary_fee_rates"))
    assert count == 2


async def test_the_proposal_says_what_it_replaces(make_database: MakeDatabase) -> None:
    database, parameters = await fees(make_database)
    proposal = await propose(database, parameters, "secondary_fee_rates", fee("0.015"))
    (row,) = proposal.foreseen
    assert row["values"] == {"valid_from": TOMORROW.isoformat(), "rate": "0.015000", "note": "as agreed"}
    assert (row["replaces"]["valid_from"], row["replaces"]["rate"]) == ("2020-01-01", "0.010000")


async def test_the_same_request_is_the_same_proposal_also_when_it_is_in_force(make_database: MakeDatabase) -> None:
    database, parameters = await fees(make_database)
    first = await propose(database, parameters, "secondary_fee_rates", fee("0.015"), key="the-same-key")
    with pytest.raises(ProposalPending):
        await propose(database, parameters, "secondary_fee_rates", fee("0.012"))
    await approve(database, parameters, first)
    again = await propose(database, parameters, "secondary_fee_rates", fee("0.015"), key="the-same-key")
    assert (again.id, again.outcome) == (first.id, "APPROVED")


TAXED = {
    "person": "NATURAL", "issued_from": "2027-01-01", "treatment": "REGRESSIVE", "scale": "LEI_11033", "rate": "",
    "legal_basis": "a new law", "doubt": "",
}  # fmt: skip


async def test_a_law_for_titles_issued_from_a_day_on_is_a_row(make_database: MakeDatabase) -> None:
    database, parameters = await fees(make_database)
    proposal = await propose(database, parameters, "gain_tax_rules", [("gain_tax_rules", TAXED)])
    assert proposal.foreseen[0]["replaces"] is None
    await approve(database, parameters, proposal)
    rule = parameters.find_rule("gain_tax_rules")
    assert rule is not None
    # What holds for older titles goes on.
    assert len(await in_force(database, parameters, rule)) == 2
    assert await problems(database, parameters) == []


@pytest.mark.parametrize(
    ("rule", "rows", "field", "says"),
    [
        ("no_such_rule", [], "rule", "one of parameters"),
        ("secondary_fee_rates", [], "rows", "rows of secondary_fee_rates belong to it"),
        ("secondary_fee_rates", fee("0.02"), "rows", "ck_secondary_fee_rates_within_agreed_range"),
        ("secondary_fee_rates", fee("much"), "rows", "invalid input syntax for type numeric"),
        ("secondary_fee_rates", [("secondary_fee_rates", {"rate": "0.01"})], "rows", "has just note, rate"),
        ("secondary_fee_rates", [("ledger_entries", {})], "rows", "each row is of secondary_fee_rates"),
        ("secondary_fee_rates", fee("0.01") * 51, "rows", "at most 50 rows"),
        ("secondary_fee_rates", fee("0.01") * 2, "rows", "pk_secondary_fee_rates"),
        ("secondary_fee_rates", [("secondary_fee_rates", {"rate": "0.01", "note": "x" * 2001})], "rows", "2000"),
        (
            "gain_tax_brackets",
            [("gain_tax_brackets", {"days_from": "1", "rate": "0.2", "scale": "LEI_11033"})],
            "rows",
            "days_from 0",
        ),
        (
            "gain_tax_rules",
            [("gain_tax_rules", TAXED | {"scale": "NEW"})],
            "rows",
            "the scale NEW has no lines",
        ),
        ("gain_tax_rules", [("gain_tax_rules", TAXED | {"treatment": "FLAT"})], "rows", "flat_has_a_rate"),
        ("parameters", [("parameters", {"name": "new", "value": "1", "note": ""})], "rows", "nothing reads"),
        (
            "parameters",
            [("parameters", {"name": "night_to_hour", "value": "24", "note": ""})],
            "rows",
            "ck_parameters_sensible",
        ),
    ],
)
async def test_what_cannot_be_a_rule_is_refused_when_it_is_proposed(
    make_database: MakeDatabase, rule: str, rows: list[Any], field: str, says: str
) -> None:
    database, parameters = await fees(make_database)
    with pytest.raises(InvalidInput) as refused:
        await propose(database, parameters, rule, rows)
    assert refused.value.field == field
    assert says in refused.value.reason
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM staff_proposals")) == 0


@pytest.mark.parametrize("on", [TODAY, date(2020, 6, 1), TODAY.replace(year=TODAY.year + 11)])
async def test_a_rule_holds_from_a_day_to_come(make_database: MakeDatabase, on: date) -> None:
    database, parameters = await fees(make_database)
    with pytest.raises(InvalidInput) as refused:
        await propose(database, parameters, "secondary_fee_rates", fee("0.015"), on=on)
    assert refused.value.field == "validFrom"


async def test_a_proposal_whose_day_has_come_is_not_put_in_force(make_database: MakeDatabase) -> None:
    database, parameters = await fees(make_database)
    proposal = await propose(database, parameters, "secondary_fee_rates", fee("0.015"))
    with pytest.raises(InvalidInput):
        async with database.begin() as session:
            await approve_change(session, parameters, proposal.id, actor_id=BRUNO, now=NOW + timedelta(days=1))
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM secondary_fee_rates")) == 1


APPROVED = "UPDATE staff_proposals SET outcome = 'APPROVED', decided_by = :by, decided_at = :at WHERE id = :id"
PUT = "SELECT put_rules_in_force(:id)"


@pytest.mark.parametrize(
    ("by", "at", "says"),
    [
        (None, NOW, "nobody has approved"),
        (ANA, NOW, "ck_staff_proposals_two_people"),
        (BRUNO, NOW - timedelta(hours=2), "was approved at another time"),
        (BRUNO, NOW + timedelta(days=1), "was approved at another time"),
    ],
)
async def test_the_database_puts_in_force_only_what_another_has_approved(
    make_database: MakeDatabase, by: uuid.UUID | None, at: datetime, says: str
) -> None:
    database, parameters = await fees(make_database)
    proposal = await propose(database, parameters, "secondary_fee_rates", fee("0.015"))

    async def put() -> None:
        async with database.begin() as session:
            if by is not None:
                await session.execute(text(APPROVED), {"by": by, "at": at, "id": proposal.id})
            await session.execute(text(PUT), {"id": proposal.id})

    with pytest.raises(DBAPIError, match=says):
        await put()


@pytest.mark.parametrize("function", ["add_rules", "try_rules"])
async def test_no_other_function_lets_a_service_add_one(make_database: MakeDatabase, function: str) -> None:
    database, parameters = await fees(make_database)
    entry = {"table": "secondary_fee_rates", "values": {"valid_from": "2031-01-01", "rate": "0.01", "note": "mine"}}
    try:
        async with database.begin() as session:
            await session.execute(text(f"SELECT {function}(CAST(:entries AS jsonb))"), {"entries": json.dumps([entry])})
    except DBAPIError as error:
        assert "permission denied" in str(error)  # noqa: PT017  # one of the two says so, the other undoes what it did
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM secondary_fee_rates")) == 1
        assert await list_problems(session, parameters) == []


async def test_a_column_added_later_is_recorded_once_more(make_database: MakeDatabase) -> None:
    database, parameters = await fees(make_database)
    await sql_of_the_owner(database, "ALTER TABLE secondary_fee_rates ADD COLUMN remark text DEFAULT 'none'")
    (problem,) = await problems(database, parameters)
    assert problem.startswith("rule of secondary_fee_rates is stated and was not recorded")
    again = "SELECT record_rule('secondary_fee_rates', to_jsonb(stated)) FROM secondary_fee_rates AS stated"
    await sql_of_the_owner(database, again)
    assert await problems(database, parameters) == []
    async with as_owner(database) as session:
        await session.execute(text("ALTER TABLE secondary_fee_rates DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE secondary_fee_rates SET remark = 'doctored'"))
        await session.execute(text("ALTER TABLE secondary_fee_rates ENABLE TRIGGER USER"))
    assert [problem.partition(":")[0] for problem in await problems(database, parameters)] == [
        "rule of secondary_fee_rates is stated and was not recorded",
        "rule of secondary_fee_rates was recorded and is not stated",
    ]
