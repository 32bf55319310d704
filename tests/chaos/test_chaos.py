"""A short seed on the whole product: clean as it is, and every doctored row of its databases is found."""

from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.__main__ import Tried, summary
from tests.chaos.judgement import Finding, Wrong, judge
from tests.chaos.plan import SHORT, make_plan
from tests.chaos.play import Performance, performed

SEED = 18
"""One in which the product is killed, the database server twice, and a queue is lost."""

DOCTORED = {
    "told “Depósito confirmado”": (
        "notifications",
        (
            "DELETE FROM dispatches WHERE notification_id IN (SELECT id FROM notifications"
            " WHERE title = 'Depósito confirmado');"
            "DELETE FROM notifications WHERE title = 'Depósito confirmado'"
        ),
    ),
    "told “Investimento confirmado”": (
        "notifications",
        (
            "INSERT INTO notifications (id, user_id, category, title, body, title_english, body_english, subject_type,"
            " subject_id, occurred_at, place, event_id)"
            " SELECT gen_random_uuid(), user_id, category, title, body, title_english, body_english, subject_type,"
            " subject_id, occurred_at, place + 1000, gen_random_uuid() FROM notifications"
            " WHERE title = 'Investimento confirmado' LIMIT 1"
        ),
    ),
    "the books do not balance": (
        "wallet",
        (
            "UPDATE ledger_balances SET balance_minor = balance_minor + 1 WHERE account_id ="
            " (SELECT available_id FROM wallets ORDER BY opened_at LIMIT 1)"
        ),
    ),
    "paid at banks / payments": (
        "wallet",
        (
            "INSERT INTO sandbox_payments (end_to_end_id, txid, method, amount_minor, paid_at, settles_on)"
            " SELECT 'E-never-told', txid, method, 700, paid_at - interval '3 days', settles_on"
            " FROM sandbox_payments LIMIT 1"
        ),
    ),
    "positions / holders": ("marketplace", "UPDATE quota_positions SET quota_count = quota_count + 1"),
    "Investment accepted": (
        "marketplace",
        (
            "INSERT INTO investments SELECT (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(),"
            " 'idempotency_key', 'a-key-of-nobody', 'hold_id', null, 'confirmed_at', null, 'status', 'REFUSED',"
            " 'refusal_reason', 'HOLD_TIMEOUT', 'ended_at', i.requested_at))).* FROM investments i LIMIT 1"
        ),
    ),
    "has not handled": ("distribution", "DELETE FROM inbox"),
}
"""What is found, and what was done for it as the database server's superuser, who minds no trigger."""


@pytest.mark.timeout(400)
async def test_a_seed_is_clean_until_its_data_is_doctored(tmp_path: Path) -> None:
    plan = make_plan(SEED, form="in_process", size=SHORT)
    faults = Counter(fault.what for scene in plan.scenes for fault in scene.faults)
    assert faults == {"kill the product": 1, "kill the database": 2, "lose a queue": 1}
    async with performed(plan, tmp_path) as performance:
        assert judge(await performance.look()) == []
        for doctored in DOCTORED.values():
            await _doctor(performance, *doctored)
        found = [finding.text for finding in judge(await performance.look())]
    assert [what for what in DOCTORED if not any(what in text for text in found)] == []


async def _doctor(performance: Performance, domain: str, sql: str) -> None:
    connection = await performance.stage.connect(domain)
    try:
        await connection.execute(f"SET session_replication_role = replica; {sql}")
    finally:
        await connection.close()


def test_the_last_line_counts_what_was_tried_and_what_is_wrong() -> None:
    clean, failed = Tried([], faults=3, mutations=40), Tried([Finding(Wrong.CENTS, 7, "")], faults=2, mutations=9)
    assert summary([clean, clean]) == "chaos: 2 seeds, 6 faults, 80 mutations, 0 cents off, 0 lost, 0 twice"
    assert summary([clean, failed]) == "chaos: 2 seeds, 5 faults, 49 mutations, 7 cents off, 0 lost, 0 twice"
