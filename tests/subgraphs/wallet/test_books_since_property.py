"""Random histories, verified at a random place: a check from there on finds of later faults what a whole one finds."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.subgraphs.wallet.checking import since, whole
from tests.subgraphs.wallet.test_ledger_property import VERBS, Market, attempt
from tests.subgraphs.wallet.wallet_world import WalletWorld

FAULTS = {
    "an amount": ("ledger_entries", "amount_minor = amount_minor + 1"),
    "both sides": ("ledger_entries", "side = CASE side WHEN 'DEBIT' THEN 'CREDIT' ELSE 'DEBIT' END"),
    "a hash": ("ledger_entries", "hash = previous_hash"),
    "a cause": ("ledger_transfers", "cause_id = id"),
    "a day": ("ledger_transfers", "occurred_at = occurred_at - interval '1 day'"),
    "a kind": ("ledger_transfers", "kind = 'PAYOUT', cause_id = id"),
    "a payment": ("gateway_payments", "amount_minor = amount_minor + 1"),
    "a hold": ("holds", "amount_minor = amount_minor + 1"),
    "a withdrawal": ("withdrawals", "amount_minor = amount_minor + 1"),
    "an end": ("ledger_balances", "entry_count = entry_count - 1"),
    "a balance": ("ledger_balances", "balance_minor = balance_minor + 1"),
}
KEYS = {"ledger_balances": "account_id"}


async def rows_of(owner: asyncpg.Connection, table: str) -> set[tuple[object, int]]:
    """Keys, of balances with the number of entries: what is not among the earlier ones has come or moved since."""
    if table == "ledger_balances":
        rows = await owner.fetch("SELECT account_id, entry_count FROM ledger_balances")
    elif table == "ledger_transfers":
        # A reversal of another cause or kind is refused to everybody.
        rows = await owner.fetch("SELECT id, 0 FROM ledger_transfers WHERE reverses_id IS NULL")
    else:
        rows = await owner.fetch(f"SELECT id, 0 FROM {table}")  # noqa: S608  # our own names
    return {(row[0], row[1]) for row in rows}


async def doctor(owner: asyncpg.Connection, table: str, change: str, key: object) -> None:
    """Do it, and keep what was there."""
    column = KEYS.get(table, "id")
    async with owner.transaction():
        await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await owner.execute(f"CREATE TABLE before_it AS SELECT * FROM {table} WHERE {column} = $1", key)  # noqa: S608
        await owner.execute(f"UPDATE {table} SET {change} WHERE {column} = $1", key)  # noqa: S608


async def undo(owner: asyncpg.Connection, table: str) -> None:
    key = KEYS.get(table, "id")
    fields = await owner.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND identity_generation IS NULL",
        table,
    )
    names = ", ".join(row[0] for row in fields)
    async with owner.transaction():
        await owner.execute(
            f"UPDATE {table} SET ({names}) = (SELECT {names} FROM before_it) "  # noqa: S608
            f"WHERE {key} = (SELECT {key} FROM before_it)"
        )
        await owner.execute("DROP TABLE before_it")
        await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


# Examples share the database, and each ends with books that balance.
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verbs=st.lists(st.sampled_from(VERBS), min_size=10, max_size=40),
    cut=st.floats(0, 0.95),
    fault=st.sampled_from(sorted(FAULTS)),
    seed=st.integers(0, 2**32),
)
async def test_a_check_since_a_place_finds_of_later_faults_what_a_whole_one_finds(
    world: WalletWorld, owner: asyncpg.Connection, verbs: list[Callable[[Market], Awaitable[None]]], **drawn: Any
) -> None:
    cut, fault = drawn["cut"], FAULTS[drawn["fault"]]
    choose = random.Random(drawn["seed"])
    market = Market(world, choose)
    await market.open()
    for place, verb in enumerate(verbs):
        if place == int(cut * len(verbs)):
            assert (await whole(world)).place is not None
            table, change = fault
            earlier = await rows_of(owner, table)
        await attempt(verb, market)
    report, all_of_it = await since(world), await whole(world, key=None)
    assert report.since is not None
    assert (report.problems, all_of_it.problems) == ((), ())
    assert (report.entries, report.digest) == (all_of_it.entries, all_of_it.digest)
    # In an order of their own, so that the same seed chooses the same.
    later = sorted(key for key, _ in await rows_of(owner, table) - earlier)
    if not later:
        return
    await doctor(owner, table, change, choose.choice(later))
    try:
        report, all_of_it = await since(world), await whole(world, key=None)
    finally:
        await undo(owner, table)
    assert all_of_it.problems != ()
    assert sorted(report.problems) == sorted(all_of_it.problems)
    assert (report.entries, report.digest) == (all_of_it.entries, all_of_it.digest)
