"""
Of a payment in suspense a part may go back to its payer, by us or by their bank. What is left stays there.

- At commit what is said of such a payment is what became of it: in suspense while something is, and never negative.
- A decision that gives out what is left says how much that was.
- Of a claim that is paid, what the bank took counts.
"""

from typing import Any

from alembic import op

revision = "wallet_0040"
down_revision = "wallet_0039"
branch_labels = None
depends_on = None

GIVEN_OUT = (
    """'DEBIT', coalesce(p.amount_minor, u.amount_minor)),
        (e.account_id, 'CREDIT', coalesce(p.amount_minor, u.amount_minor))) AS line""",
    """'DEBIT', coalesce(s.amount_minor, p.amount_minor, u.amount_minor)),
        (e.account_id, 'CREDIT', coalesce(s.amount_minor, p.amount_minor, u.amount_minor))
        ) AS line""",
)
"""What a transfer of kind SUSPENSE_RESOLVED is asked for, before and after."""
WHOLE = (
    "payment.outcome <> 'QUARANTINED' OR NEW.amount_minor <> payment.amount_minor",
    "payment.outcome <> 'QUARANTINED' OR NEW.amount_minor > left_in_suspense(payment.id)",
)
IN_WHOLE = ("is not in suspense, or not in whole", "is not in suspense, or not so much of it")
CLAIMED = (
    "SELECT amount_minor FROM money_claims WHERE payment_id = NEW.payment_id AND status <> 'REJECTED') AS back",
    """SELECT CASE status WHEN 'PAID' THEN taken_minor ELSE amount_minor END FROM money_claims
            WHERE payment_id = NEW.payment_id AND status <> 'REJECTED') AS back""",
)

GIVEN = """
    SELECT coalesce(sum(coalesce(act.amount_minor, payment.amount_minor)), 0)
    FROM staff_actions AS act
    JOIN ledger_transfers AS given ON given.kind = 'SUSPENSE_RESOLVED' AND given.cause_id = act.id
    WHERE act.action = 'RESOLVE_SUSPENSE' AND act.subject_id = payment.id
      AND NOT EXISTS (SELECT FROM ledger_transfers AS undone WHERE undone.reverses_id = given.id)
"""
UPGRADE = (
    """
    ALTER TABLE staff_actions ADD COLUMN amount_minor bigint CONSTRAINT ck_staff_actions_given_out
        CHECK (amount_minor IS NULL OR (action = 'RESOLVE_SUSPENSE' AND amount_minor > 0))
    """,
    f"""
    CREATE FUNCTION left_in_suspense(named uuid) RETURNS numeric
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
        SELECT payment.amount_minor
            - (SELECT coalesce(sum(amount_minor), 0) FROM payment_returns
                WHERE payment_id = named AND source = 'SUSPENSE' AND status <> 'FAILED')
            - (SELECT coalesce(sum(taken_minor), 0) FROM money_claims
                WHERE payment_id = named AND user_id IS NULL AND status = 'PAID')
            - ({GIVEN})
        FROM gateway_payments AS payment WHERE payment.id = named
    $$
    """,  # noqa: S608  # our own text
    f"""
    CREATE FUNCTION suspense_adds_up() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        payment gateway_payments;
        in_suspense numeric;
        given numeric;
    BEGIN
        SELECT * INTO payment FROM gateway_payments WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
        in_suspense := left_in_suspense(payment.id);
        given := ({GIVEN});
        IF in_suspense < 0 OR payment.outcome <> (CASE WHEN in_suspense > 0 THEN 'QUARANTINED'
                WHEN given > 0 THEN 'RESOLVED' ELSE 'RETURNED' END) THEN
            RAISE EXCEPTION 'payment % is %, and % of it are in suspense', payment.id, payment.outcome, in_suspense
                USING ERRCODE = 'check_violation', CONSTRAINT = 'suspense_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608  # our own text
    """
    CREATE CONSTRAINT TRIGGER suspense_adds_up AFTER INSERT OR UPDATE ON gateway_payments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.outcome IN ('QUARANTINED', 'RESOLVED', 'RETURNED'))
    EXECUTE FUNCTION suspense_adds_up('id')
    """,
    """
    CREATE CONSTRAINT TRIGGER suspense_adds_up AFTER INSERT OR UPDATE ON payment_returns
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.source = 'SUSPENSE')
    EXECUTE FUNCTION suspense_adds_up('payment_id')
    """,
    """
    CREATE CONSTRAINT TRIGGER suspense_adds_up AFTER INSERT OR UPDATE ON money_claims
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'PAID' AND NEW.user_id IS NULL)
    EXECUTE FUNCTION suspense_adds_up('payment_id')
    """,
    """
    CREATE CONSTRAINT TRIGGER suspense_adds_up AFTER INSERT ON staff_actions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.action = 'RESOLVE_SUSPENSE')
    EXECUTE FUNCTION suspense_adds_up('subject_id')
    """,
)
DOWNGRADE = (
    "DROP FUNCTION suspense_adds_up() CASCADE",
    "DROP FUNCTION left_in_suspense(uuid)",
    "ALTER TABLE staff_actions DROP COLUMN amount_minor",
)
PARTS = """
    SELECT EXISTS (
        SELECT FROM gateway_payments
        WHERE outcome = 'QUARANTINED' AND left_in_suspense(id) < amount_minor
        UNION ALL
        SELECT FROM staff_actions AS act JOIN gateway_payments AS payment ON payment.id = act.subject_id
        WHERE act.amount_minor < payment.amount_minor)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))
    _rewrite("payment_goes_back_once", WHOLE, IN_WHOLE)
    _rewrite("payment_is_claimed_once", CLAIMED)
    _rewrite("ledger_transfer_has_its_cause", GIVEN_OUT)


def downgrade() -> None:
    """Refuses where a part of what was in suspense went back: the rest would have no cause."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    if _ask(PARTS):
        raise RuntimeError("parts of payments in suspense went back: going back would lose what is left of them")
    _rewrite("ledger_transfer_has_its_cause", GIVEN_OUT[::-1])
    _rewrite("payment_is_claimed_once", CLAIMED[::-1])
    _rewrite("payment_goes_back_once", WHOLE[::-1], IN_WHOLE[::-1])
    for statement in DOWNGRADE:
        op.execute(statement)


def _rewrite(name: str, *changes: tuple[str, str]) -> None:
    """Change that much of a function, and nothing else of it: others may have widened it as well."""
    function = _ask(f"SELECT pg_get_functiondef('{name}'::regproc)")  # our own names
    for before, after in changes:
        if function.count(before) != 1:
            raise RuntimeError(f"{name} is not what this migration knows: {before}")
        function = function.replace(before, after)
    op.get_bind().exec_driver_sql(function)


def _ask(question: str) -> Any:
    return op.get_bind().exec_driver_sql(question).scalar_one()
