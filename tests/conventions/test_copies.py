"""What `make seed-data` copies: every table of every domain, by a rule or by name."""

import pytest

from launch.databases import DOMAINS
from launch.privileges import EVERYWHERE, TABLES
from seeding import rules
from seeding.catalogue import Table, is_copied, read_tables
from seeding.remade import REMADE
from seeding.told import not_known
from tests.fixtures.databases import Server, connected


@pytest.mark.parametrize("domain", DOMAINS)
async def test_every_table_is_copied_by_a_rule_or_kept_for_a_reason(domain: str, postgres: Server) -> None:
    async with connected((await postgres.template(domain)).service) as connection:
        tables = await read_tables(connection, domain)
    assert list(not_known(tables)) == []
    filled_by_rules = {name for name in TABLES[domain] if not is_copied(domain, name)} - {*EVERYWHERE}
    adds = {name for name in filled_by_rules if "INSERT" in TABLES[domain][name].on_rows}
    assert adds == set(rules.KEPT.get(domain, {}))
    assert {table.name for table in tables} == set(TABLES[domain]) - filled_by_rules - {*EVERYWHERE}


@pytest.mark.parametrize("domain", DOMAINS)
async def test_rules_are_of_tables_and_columns_that_are_there(domain: str, postgres: Server) -> None:
    async with connected((await postgres.template(domain)).service) as connection:
        rows = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    there = {(row["table_name"], row["column_name"]) for row in rows}
    named = {
        (table, column)
        for of_columns in (rules.WRITTEN_BY_TRIGGERS, rules.BEGIN_AS, {place: REMADE[place][0] for place in REMADE})
        for (its_domain, table), columns in of_columns.items()
        if its_domain == domain
        for column in columns
    }
    named |= {
        (table, column)
        for of_column in (rules.TOGETHER, rules.MADE_BY)
        for (its_domain, table), (column, _) in of_column.items()
        if its_domain == domain
    }
    named |= set(rules.SAME_BYTES.get(domain, {}).items())
    assert named <= there


def test_what_no_rule_knows_is_named() -> None:
    table = Table(
        "credit",
        "harvests",
        {"id": "uuid", "number": "bigint", "picture": "bytea", "place": "point"},
        ("id",),
        frozenset({"id", "number"}),
    )
    assert list(not_known([table])) == [
        "credit.harvests.number is unique, and every copy would have the same",
        "credit.harvests.picture is bytes: nothing says whose they are",
        "credit.harvests.place is a point: nothing says what a copy has there",
    ]
