"""What the database itself keeps of swaps, whoever writes, and how it finds what a swap needs."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.builders.statements import explain, noted_statements
from tests.subgraphs.wallet.quota_swaps import lent, wanted
from tests.subgraphs.wallet.wallet_world import WalletWorld

OTHER_INSTALLMENTS = """
    INSERT INTO installments (id, cpr_id, farmer_id, number, due_on, amount_minor, carried_minor)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, '2026-12-23', 1, 0 FROM generate_series(1, 5000);
    ANALYZE installments"""


async def test_a_cprs_installments_are_counted_without_a_look_at_all_others(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await lent(world)
    await owner.execute(OTHER_INSTALLMENTS)
    with noted_statements(world.subgraph.database) as sent:
        await world.tell(wanted())
    (counted,) = [each for each in sent if "count(DISTINCT installments.id)" in each[0]]
    plan = await explain(world.subgraph.database, counted)
    assert "ix_installments_cpr_id" in plan, plan
    assert "Seq Scan on installments" not in plan, plan


@pytest.mark.parametrize(
    "statement",
    [
        # Quotas without their price, and a price without quotas.
        """INSERT INTO quota_swaps SELECT gen_random_uuid(), cpr_id, 2, seller_position_id, seller_id, buyer_id,
           1, 1, 0, 0, 0, 0, (SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT' LIMIT 1), now()
           FROM quota_swaps""",
        """WITH sale AS (
             INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at)
             SELECT gen_random_uuid(), 'QUOTA_SWAP', gen_random_uuid(), gen_random_uuid(), now() RETURNING id),
           moved AS (
             INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor)
             SELECT gen_random_uuid(), sale.id, account.id, side, 1
               FROM sale, ledger_accounts AS account, (VALUES ('DEBIT'), ('CREDIT')) AS sides (side)
              WHERE account.kind = 'BANK' RETURNING id)
           SELECT count(*) FROM moved""",
        "UPDATE quota_swaps SET price_minor = 1",
        "DELETE FROM quota_swaps",
        "UPDATE quota_positions SET owner_id = gen_random_uuid()",
        "UPDATE quota_positions SET sold_quotas = 0",
        """INSERT INTO quota_positions
           SELECT gen_random_uuid(), investment_id, cpr_id, owner_id, 5, 0, 1, now() FROM quota_positions LIMIT 1""",
        "DELETE FROM quota_positions WHERE sold_quotas = 0",
        "UPDATE swap_requests SET reason = 'TIMED_OUT'",
        "INSERT INTO secondary_fee_rates VALUES ('2027-01-01', 0.0151, 'too much')",
        "INSERT INTO secondary_fee_rates VALUES ('2027-01-01', 0.0099, 'too little')",
    ],
)
async def test_the_owner_of_the_tables_cannot_either(
    world: WalletWorld, owner: asyncpg.Connection, statement: str
) -> None:
    await lent(world)
    await world.tell(wanted())
    with pytest.raises(asyncpg.PostgresError):
        await owner.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quota_positions SET sold_quotas = sold_quotas",
        "UPDATE quota_registers SET swap_count = 7",
        "INSERT INTO quota_registers VALUES (gen_random_uuid(), 0)",
        "DELETE FROM swap_requests",
    ],
)
async def test_the_service_counts_nothing_by_itself(world: WalletWorld, statement: str) -> None:
    await lent(world)
    await world.tell(wanted())
    with pytest.raises(DBAPIError, match="permission denied"):
        async with world.begin() as session:
            await session.execute(text(statement))
