"""Migrations that rewrite rows keep what those rows said."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from alembic import command
from launch.migrate import migration_config
from subgraphs.wallet.crud.book_questions import RECORDED_RULES_REWRITTEN, RULES_NOT_AS_RECORDED
from tests.fixtures.databases import Server

INVESTMENTS = [UUID(f"1a000000-0000-4000-8000-{number:012x}") for number in (1, 2, 3)]

DISTRIBUTED = """
    INSERT INTO installments VALUES
        ('1b000000-0000-4000-8000-000000000001', gen_random_uuid(), 1, '2026-12-23', 100, 20, 120);
    INSERT INTO positions
    SELECT gen_random_uuid(), id, gen_random_uuid(), gen_random_uuid(), 'NATURAL', 'REGISTERED_CPR', 1, 10000, now(),
           now(), NULL
      FROM unnest(ARRAY['1a000000-0000-4000-8000-000000000001', '1a000000-0000-4000-8000-000000000002']::uuid[]) AS id;
    INSERT INTO distributions VALUES (
        '1d000000-0000-4000-8000-000000000001', gen_random_uuid(), '1b000000-0000-4000-8000-000000000001',
        gen_random_uuid(), gen_random_uuid(), now(), now(), 120, 100, 20, 0, 3, 0, 117, 2, 2);
    INSERT INTO payouts
    SELECT gen_random_uuid(), '1d000000-0000-4000-8000-000000000001', '1b000000-0000-4000-8000-000000000001',
           gen_random_uuid(), investment_id, investor_id, 1, 50, 10, 60, fee, 0, 60 - fee, 0.15, 0, 'EXEMPT', 30, now(),
           'PENDING', NULL
      FROM (SELECT investment_id, investor_id, row_number() OVER (ORDER BY investment_id) AS fee FROM positions) AS held
"""

FUNDED = """
    INSERT INTO investors VALUES ('0a000000-0000-4000-8000-000000000001', now());
    INSERT INTO offerings VALUES (
        '0e000000-0000-4000-8000-000000000001', gen_random_uuid(), '0f000000-0000-4000-8000-000000000001', 'SOY', 32,
        'SUL', 'Toledo', 4, 'B', 1000000, 0.2, 0.015, 12, 'PRICE', 10000, 100, 2, 2, 'OPEN', now(), now(), NULL, 0);
    INSERT INTO investments
    SELECT id, '0e000000-0000-4000-8000-000000000001', gen_random_uuid(), '0f000000-0000-4000-8000-000000000001',
           '0a000000-0000-4000-8000-000000000001', 1, 10000, status, now(), now(), NULL, gen_random_uuid(), NULL,
           status, ''
      FROM (VALUES ('1a000000-0000-4000-8000-000000000001'::uuid, 'ACTIVE'),
                   ('1a000000-0000-4000-8000-000000000002'::uuid, 'SETTLED'),
                   ('1a000000-0000-4000-8000-000000000003'::uuid, 'CANCELLED')) AS investment (id, status);
    INSERT INTO quota_positions
    SELECT gen_random_uuid(), id, offering_id, cpr_id, farmer_id, investor_id, 1, 10000, now(),
           CASE status WHEN 'ACTIVE' THEN NULL ELSE now() END
      FROM investments
"""

HELD = """
    INSERT INTO holdings (investment_id, cpr_id, investor_id, ended_at) VALUES
        ('1a000000-0000-4000-8000-000000000001', gen_random_uuid(), '0a000000-0000-4000-8000-000000000001', NULL),
        ('1a000000-0000-4000-8000-000000000002', gen_random_uuid(), '0a000000-0000-4000-8000-000000000001', now());
    INSERT INTO activities (id, user_id, type, occurred_at) VALUES
        ('1a000000-0000-4000-8000-000000000001', '0a000000-0000-4000-8000-000000000001', 'Investment', now())
"""

LENT = """
    INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative) VALUES
        ('0c000000-0000-4000-8000-000000000001', 'for tests', 'DISTRIBUTION', 'CREDIT', false);
    INSERT INTO installments (id, cpr_id, farmer_id, number, due_on, amount_minor) VALUES
        ('1b000000-0000-4000-8000-000000000001', gen_random_uuid(), gen_random_uuid(), 1, '2026-12-23', 120);
    INSERT INTO installment_payments (id, installment_id, clearing_id, amount_minor, method, confirmed_at) VALUES
        ('1c000000-0000-4000-8000-000000000001', '1b000000-0000-4000-8000-000000000001',
         '0c000000-0000-4000-8000-000000000001', 120, 'PIX', now())
"""


SWAPPED = {
    "wallet": """
        INSERT INTO quota_swaps (id, cpr_id, number, seller_position_id, seller_id, buyer_id, quota_count, price_minor,
                                 cost_minor, fee_minor, tax_minor, held_days, transfer_id, swapped_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1,
                100, 100, 1, 0, 0, gen_random_uuid(), now())
    """,
    "distribution": """
        INSERT INTO quota_swaps (id, cpr_id, number, seller_position_id, seller_id, quota_count, price_minor,
                                 cost_minor, fee_minor, tax_minor, swapped_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(), 1, 100, 100, 1, 0, now())
    """,
}


async def migrated_with(postgres: Server, domain: str, revision: str, script: str, question: str) -> list[tuple[Any]]:
    """The answer to *question* after *script* ran at the *revision* before the one that is tried."""
    owner = (await postgres.clone(domain)).owner
    config = migration_config(domain, owner)
    await asyncio.to_thread(command.downgrade, config, revision)
    url = make_url(owner).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
        await asyncio.to_thread(command.upgrade, config, "heads")
        return [tuple(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


async def test_a_payout_is_its_investments_position(postgres: Server) -> None:
    question = """
        SELECT payout.position_id, payout.fee_minor FROM payouts AS payout
        JOIN positions AS position ON position.id = payout.position_id AND position.investor_id = payout.investor_id
        ORDER BY 1
    """
    found = await migrated_with(postgres, "distribution", "distribution_0003", DISTRIBUTED, question)
    assert found == [(INVESTMENTS[0], 1), (INVESTMENTS[1], 2)]


async def test_a_position_has_its_investments_id_and_says_how_it_ended(postgres: Server) -> None:
    question = "SELECT id, ended_as FROM quota_positions ORDER BY id"
    found = await migrated_with(postgres, "marketplace", "marketplace_0002", FUNDED, question)
    assert found == [(INVESTMENTS[0], None), (INVESTMENTS[1], "SETTLED"), (INVESTMENTS[2], "CANCELLED")]


async def test_an_investors_holding_is_a_position_and_one_event_may_stand_in_two_time_lines(postgres: Server) -> None:
    question = """
        WITH sold AS (
            INSERT INTO activities (id, user_id, type, occurred_at)
            SELECT id, gen_random_uuid(), 'QuotaPurchase', now() FROM activities RETURNING id)
        SELECT position_id, ended_at IS NULL, (SELECT count(*) FROM sold) FROM holdings ORDER BY 1
    """
    found = await migrated_with(postgres, "notifications", "notifications_0007", HELD, question)
    assert found == [(INVESTMENTS[0], True, 1), (INVESTMENTS[1], False, 1)]


async def test_what_was_held_before_is_not_sold(postgres: Server) -> None:
    question = "SELECT id, sold_quotas, ended_as FROM quota_positions ORDER BY id"
    script = FUNDED.replace("gen_random_uuid(), id, offering_id", "id, id, offering_id").replace(
        "CASE status WHEN 'ACTIVE' THEN NULL ELSE now() END",
        "CASE status WHEN 'ACTIVE' THEN NULL ELSE now() END, CASE status WHEN 'ACTIVE' THEN NULL ELSE status END",
    )
    found = await migrated_with(postgres, "marketplace", "marketplace_0003", script, question)
    assert found == [(INVESTMENTS[0], 0, None), (INVESTMENTS[1], 0, "SETTLED"), (INVESTMENTS[2], 0, "CANCELLED")]


async def test_who_decided_alone_is_still_named_and_nobody_does_any_more(postgres: Server) -> None:
    alone = """
        INSERT INTO staff_actions (id, actor_id, action, subject_id, reason, at) VALUES
            (gen_random_uuid(), '0a000000-0000-4000-8000-000000000001', 'REVERSE_TRANSFER', gen_random_uuid(), 'MED',
             now())
    """
    question = "SELECT actor_id, approved_by, proposal_id FROM staff_actions"
    found = await migrated_with(postgres, "wallet", "wallet_0025", alone, question)
    assert found == [(UUID("0a000000-0000-4000-8000-000000000001"), None, None)]


async def test_no_swap_came_before_a_payment_that_was_there(postgres: Server) -> None:
    question = "SELECT amount_minor, swaps_before FROM installment_payments"
    assert await migrated_with(postgres, "wallet", "wallet_0013", LENT, question) == [(120, 0)]


@pytest.mark.parametrize(("domain", "revision"), [("wallet", "wallet_0013"), ("distribution", "distribution_0004")])
async def test_nobody_goes_back_to_where_a_swap_is_not_known(postgres: Server, domain: str, revision: str) -> None:
    owner = (await postgres.clone(domain)).owner
    address = make_url(postgres.admin_url).set(database=make_url(owner).database)
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(SWAPPED[domain])
        with pytest.raises(DBAPIError, match="quotas have changed hands"):
            await asyncio.to_thread(command.downgrade, migration_config(domain, owner), revision)
        assert await connection.fetchval("SELECT count(*) FROM quota_swaps") == 1
    finally:
        await connection.close()


AGREED = """
    INSERT INTO consents (id, user_id, purpose, place, act, version, text_sha256, at, actor_id)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'MARKETING', 1, 'GIVEN', 1, repeat('0', 64), now(), gen_random_uuid())
"""


async def test_nobody_goes_back_to_where_it_is_not_known_what_people_agreed_to(postgres: Server) -> None:
    owner = (await postgres.clone("accounts")).owner
    address = make_url(postgres.admin_url).set(database=make_url(owner).database)
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(AGREED)
        with pytest.raises(DBAPIError, match="people have agreed to texts"):
            await asyncio.to_thread(command.downgrade, migration_config("accounts", owner), "accounts_0013")
        assert await connection.fetchval("SELECT count(*) FROM consents") == 1
    finally:
        await connection.close()


async def test_a_company_s_gain_is_taxed_as_its_parameter_said_and_every_rule_is_recorded_as_it_reads(
    postgres: Server,
) -> None:
    """Rules got columns: each is recorded as it is stated now, and what was recorded of it before holds still."""
    exempt = "INSERT INTO parameters VALUES ('companies_gain_is_taxed', '2026-12-01', 0, 'a change of mind')"
    question = """
        SELECT person, valid_from::text, treatment, issued_from::text, scale FROM gain_tax_rules ORDER BY 1, 2
    """
    found = await migrated_with(postgres, "wallet", "wallet_0024", exempt, question)
    assert found == [
        ("LEGAL", "2020-01-01", "REGRESSIVE", "0001-01-01", "LEI_11033"),
        ("LEGAL", "2026-12-01", "EXEMPT", "0001-01-01", "LEI_11033"),
        ("NATURAL", "2020-01-01", "EXEMPT", "0001-01-01", "LEI_11033"),
    ]
    assert await migrated_with(postgres, "wallet", "wallet_0024", exempt, RULES_NOT_AS_RECORDED.text) == []
    assert await migrated_with(postgres, "wallet", "wallet_0024", exempt, RECORDED_RULES_REWRITTEN.text) == []


async def test_what_is_doctored_in_a_rule_s_new_column_is_not_as_recorded(postgres: Server) -> None:
    urls = await postgres.clone("wallet")
    url = make_url(urls.owner).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ALTER TABLE gain_tax_rules DISABLE TRIGGER USER")
        await connection.execute("UPDATE gain_tax_rules SET scale = 'MINE' WHERE person = 'LEGAL'")
        found = await connection.fetch(RULES_NOT_AS_RECORDED.text)
    finally:
        await connection.close()
    assert sorted((row["what"], row["rule"]) for row in found) == [
        ("is stated and was not recorded", "gain_tax_rules"),
        ("was recorded and is not stated", "gain_tax_rules"),
    ]


async def test_rules_of_before_are_for_titles_of_any_day_and_the_fee_leaves_lateness_out(postgres: Server) -> None:
    question = """
        SELECT person, instrument, valid_from::text, treatment, issued_from::text, scale, rate, of_late_charges
        FROM tax_rules CROSS JOIN (SELECT DISTINCT of_late_charges FROM performance_fees) AS fee ORDER BY 1, 2, 3
    """
    more = """
        INSERT INTO tax_rules VALUES ('NATURAL', 'REGISTERED_CPR', '2026-06-01', 'REGRESSIVE', 'INTEREST', 'a law');
        INSERT INTO performance_fees VALUES ('2026-06-01', 0.2, 'raised')
    """
    found = await migrated_with(postgres, "distribution", "distribution_0007", more, question)
    of_any_day = ("0001-01-01", "LEI_11033", None, False)
    assert found == [
        ("LEGAL", "OTHER_CREDIT", "2020-01-01", "REGRESSIVE", *of_any_day),
        ("LEGAL", "REGISTERED_CPR", "2020-01-01", "REGRESSIVE", *of_any_day),
        ("NATURAL", "OTHER_CREDIT", "2020-01-01", "REGRESSIVE", *of_any_day),
        ("NATURAL", "REGISTERED_CPR", "2020-01-01", "EXEMPT", *of_any_day),
        ("NATURAL", "REGISTERED_CPR", "2026-06-01", "REGRESSIVE", *of_any_day),
    ]
