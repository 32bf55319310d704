"""
A payer's bank may want a payment back: what is there is blocked, the rest is a debt that later credits pay first.

- Of a payment no more is claimed, and no more goes back, than came.
- What is blocked and what is owed is what was collected, and what the payer's bank took.
- Each collection, and each end of a claim, moves its money as it is recorded.
"""

from typing import Any

from alembic import op

revision = "wallet_0033"
down_revision = "wallet_0032"
branch_labels = None
depends_on = None

_SUSPENSE = "'ffffffff-0000-8000-8000-000000000001'::uuid"
_BANK = "'ffffffff-0000-8000-8000-000000000007'::uuid"
_PERSON_DEBTS = "'ffffffff-0000-8000-8000-000000000011'::uuid"

COLLECTED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN claim_collections AS c ON c.id = t.cause_id AND c.claim_id = t.reference_id AND c.collected_at = t.occurred_at
    JOIN money_claims AS m ON m.id = c.claim_id
    JOIN wallets AS w ON w.user_id = m.user_id
    JOIN ledger_accounts AS blocked ON blocked.code = 'claim:' || m.id
    CROSS JOIN LATERAL (VALUES
        (w.available_id, 'DEBIT', c.amount_minor),
        (CASE WHEN c.pays_debt THEN {_PERSON_DEBTS} ELSE blocked.id END, 'CREDIT', c.amount_minor)
        ) AS line (account_id, side, amount_minor)
    WHERE t.kind = CASE WHEN c.pays_debt THEN 'DEBT_PAID' ELSE 'CLAIM_BLOCK' END
"""  # noqa: S608  # our own text
CLAIMED = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN money_claims AS m ON m.id = t.cause_id AND m.payment_id = t.reference_id AND m.ended_at = t.occurred_at
    LEFT JOIN wallets AS w ON w.user_id = m.user_id
    LEFT JOIN ledger_accounts AS blocked ON blocked.code = 'claim:' || m.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_minor), 0) AS minor, least(coalesce(sum(amount_minor), 0), m.taken_minor) AS used
        FROM claim_collections WHERE claim_id = m.id AND NOT pays_debt) AS was_blocked
    CROSS JOIN LATERAL (VALUES
        ('CLAIM_PAID', blocked.id, 'DEBIT', was_blocked.used),
        ('CLAIM_PAID', CASE WHEN m.user_id IS NULL THEN {_SUSPENSE} ELSE {_PERSON_DEBTS} END, 'DEBIT',
         m.taken_minor - was_blocked.used),
        ('CLAIM_PAID', {_BANK}, 'CREDIT', m.taken_minor),
        ('CLAIM_RELEASE', blocked.id, 'DEBIT', was_blocked.minor - was_blocked.used),
        ('CLAIM_RELEASE', w.available_id, 'CREDIT', was_blocked.minor - was_blocked.used)
        ) AS line (kind, account_id, side, amount_minor)
    WHERE line.kind = t.kind AND m.status <> 'OPEN' AND (t.kind = 'CLAIM_RELEASE' OR m.status = 'PAID')
"""  # noqa: S608  # our own text
DUE = """
    UNION ALL
    SELECT 'claim', id, 'CLAIM_PAID' FROM money_claims WHERE status = 'PAID'
    UNION ALL
    SELECT 'claim', m.id, 'CLAIM_RELEASE' FROM money_claims AS m WHERE status <> 'OPEN' AND taken_minor < (
        SELECT sum(amount_minor) FROM claim_collections WHERE claim_id = m.id AND NOT pays_debt)
    UNION ALL
    SELECT 'collection', id, CASE WHEN pays_debt THEN 'DEBT_PAID' ELSE 'CLAIM_BLOCK' END FROM claim_collections
"""
DUE_BEGINS = "UNION ALL\n SELECT 'claim'"
"""As the server writes the first line of it."""

TABLES = (
    """
    INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative) VALUES
        ('ffffffff-0000-8000-8000-000000000011', 'person_debts', 'PERSON_DEBTS', 'DEBIT', false)
    ON CONFLICT DO NOTHING
    """,
    """
    CREATE TABLE money_claims (
        id uuid CONSTRAINT pk_money_claims PRIMARY KEY,
        reference text NOT NULL CONSTRAINT uq_money_claims_reference UNIQUE,
        payment_id uuid NOT NULL CONSTRAINT fk_money_claims_payment_id REFERENCES gateway_payments (id),
        user_id uuid,
        amount_minor bigint NOT NULL,
        reason text NOT NULL,
        status text NOT NULL CONSTRAINT ck_money_claims_status CHECK (status IN ('OPEN', 'PAID', 'REJECTED')),
        opened_at timestamptz NOT NULL,
        collects_until timestamptz NOT NULL,
        blocked_minor bigint NOT NULL,
        taken_minor bigint NOT NULL,
        debt_minor bigint NOT NULL,
        ended_at timestamptz,
        CONSTRAINT ck_money_claims_amounts CHECK (amount_minor > 0 AND taken_minor BETWEEN 0 AND amount_minor),
        CONSTRAINT ck_money_claims_blocked_within_amount CHECK (blocked_minor BETWEEN 0 AND amount_minor),
        CONSTRAINT ck_money_claims_debt_within_taken CHECK (debt_minor BETWEEN 0 AND taken_minor),
        CONSTRAINT ck_money_claims_somebodys
            CHECK (user_id IS NOT NULL OR (blocked_minor = 0 AND debt_minor = 0)),
        CONSTRAINT ck_money_claims_ended CHECK ((status = 'OPEN') = (ended_at IS NULL))
    )
    """,
    "CREATE INDEX ix_money_claims_payment_id ON money_claims (payment_id)",
    "CREATE INDEX ix_money_claims_opened_at ON money_claims (opened_at, id)",
    """
    CREATE INDEX ix_money_claims_collecting ON money_claims (user_id)
    WHERE (status = 'OPEN' AND blocked_minor < amount_minor) OR debt_minor > 0
    """,
    """
    CREATE TABLE claim_collections (
        id uuid CONSTRAINT pk_claim_collections PRIMARY KEY,
        claim_id uuid NOT NULL CONSTRAINT fk_claim_collections_claim_id REFERENCES money_claims (id),
        pays_debt boolean NOT NULL,
        amount_minor bigint NOT NULL CONSTRAINT ck_claim_collections_positive CHECK (amount_minor > 0),
        collected_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_claim_collections_claim_id ON claim_collections (claim_id)",
    # SECURITY DEFINER: the payment is locked, which takes a right to change it.
    """
    CREATE FUNCTION payment_is_claimed_once() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        came bigint;
        gone numeric;
    BEGIN
        SELECT amount_minor INTO came FROM gateway_payments WHERE id = NEW.payment_id FOR NO KEY UPDATE;
        SELECT coalesce(sum(amount_minor), 0) INTO gone FROM (
            SELECT amount_minor FROM payment_returns WHERE payment_id = NEW.payment_id AND status <> 'FAILED'
            UNION ALL
            SELECT amount_minor FROM money_claims WHERE payment_id = NEW.payment_id AND status <> 'REJECTED') AS back;
        IF gone + NEW.amount_minor > came THEN
            RAISE EXCEPTION 'payment % is of %, % go back or are claimed already', NEW.payment_id, came, gone
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_claimed_once';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_is_claimed_once BEFORE INSERT ON money_claims
    FOR EACH ROW EXECUTE FUNCTION payment_is_claimed_once()
    """,
    """
    CREATE TRIGGER payment_is_claimed_once BEFORE INSERT ON payment_returns
    FOR EACH ROW EXECUTE FUNCTION payment_is_claimed_once()
    """,
    """
    CREATE FUNCTION claim_adds_up() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        claim money_claims;
        blocked numeric;
        paid numeric;
    BEGIN
        SELECT * INTO claim FROM money_claims WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
        SELECT coalesce(sum(amount_minor) FILTER (WHERE NOT pays_debt), 0),
               coalesce(sum(amount_minor) FILTER (WHERE pays_debt), 0)
        INTO blocked, paid FROM claim_collections WHERE claim_id = claim.id;
        IF claim.blocked_minor <> (CASE claim.status WHEN 'OPEN' THEN blocked ELSE 0 END)
            OR claim.debt_minor + paid <> (CASE WHEN claim.status = 'PAID' AND claim.user_id IS NOT NULL
                THEN claim.taken_minor - least(blocked, claim.taken_minor) ELSE 0 END)
            OR (claim.status = 'PAID') <> (claim.taken_minor > 0) THEN
            RAISE EXCEPTION 'claim % does not say what was collected for it', claim.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER claim_adds_up AFTER INSERT OR UPDATE ON money_claims
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claim_adds_up('id')
    """,
    """
    CREATE CONSTRAINT TRIGGER claim_adds_up AFTER INSERT ON claim_collections
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claim_adds_up('claim_id')
    """,
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON money_claims FOR EACH ROW EXECUTE FUNCTION
    fact_stays('user_id', 'status', 'blocked_minor', 'taken_minor', 'debt_minor', 'ended_at')
    """,
    "CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON money_claims EXECUTE FUNCTION fact_stays()",
    """
    CREATE TRIGGER fact_goes_on BEFORE UPDATE ON money_claims FOR EACH ROW
    WHEN (OLD.status <> 'OPEN' AND (NEW.status, NEW.taken_minor, NEW.ended_at)
            IS DISTINCT FROM (OLD.status, OLD.taken_minor, OLD.ended_at)
        OR OLD.status <> 'OPEN' AND NEW.debt_minor > OLD.debt_minor
        OR OLD.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM OLD.user_id)
    EXECUTE FUNCTION fact_goes_on('id')
    """,
    """
    CREATE CONSTRAINT TRIGGER fact_moved_its_money AFTER INSERT OR UPDATE ON money_claims
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fact_moved_its_money('id')
    """,
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON claim_collections
    FOR EACH ROW EXECUTE FUNCTION fact_stays()
    """,
    "CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON claim_collections EXECUTE FUNCTION fact_stays()",
    """
    CREATE CONSTRAINT TRIGGER fact_moved_its_money AFTER INSERT OR UPDATE ON claim_collections
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fact_moved_its_money('id')
    """,
    """
    INSERT INTO parameters (name, valid_from, value, note) VALUES
    ('claims_collect_percent', '2020-01-01', 100,
     'Of each later credit, how much pays first for what a payer''s bank wants back or took (Res. BCB 1/2020, MED: '
     'what is there is blocked and given back, also in parts, as money comes). Doubt: whether the whole of a credit '
     'may be set off where it is what somebody lives on (CPC art. 833, IV), or is their own hold that was released.'),
    ('claims_collect_days', '2020-01-01', 90,
     'For how long later credits pay first, from the claim on: MED gives back for 90 days from the payment. A debt '
     'that is left then stays on record, and is collected by other ways.')
    ON CONFLICT DO NOTHING
    """,
    """
    ALTER TABLE parameters ADD CONSTRAINT ck_parameters_sensible_claims
        CHECK (name <> 'claims_collect_percent' OR value <= 100)
    """,
    """
    CREATE TABLE sandbox_claims (
        claim text CONSTRAINT pk_sandbox_claims PRIMARY KEY,
        end_to_end_id text NOT NULL,
        amount_minor bigint NOT NULL,
        status text NOT NULL,
        opened_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_sandbox_claims_end_to_end_id ON sandbox_claims (end_to_end_id)",
)


def differences(expected: str) -> str:
    """As `wallet_0019` compares the entries of a transfer with what its cause asks for."""
    return f"""
    SELECT moved.number, moved.transfer_id, moved.account_id, moved.side, sum(moved.amount_minor) AS amount_minor
    FROM (
        SELECT t.number, t.id AS transfer_id, e.account_id, e.side, e.amount_minor
        FROM ledger_transfers AS t JOIN ledger_entries AS e ON e.transfer_id = t.id
        UNION ALL
        SELECT t.number, t.id, line.account_id, 'CREDIT', line.amount_minor
        FROM ledger_transfers AS t
        JOIN unclaimed_credits AS u ON u.transfer_id = t.id
        JOIN wallets AS w ON w.user_id = u.user_id
        CROSS JOIN LATERAL (VALUES
            (w.available_id, u.amount_minor), ({_SUSPENSE}, -u.amount_minor)) AS line (account_id, amount_minor)
        WHERE t.kind <> 'SUSPENSE'
        UNION ALL
        SELECT number, transfer_id, account_id, side, -amount_minor FROM ({expected}) AS expected
    ) AS moved
    WHERE moved.transfer_id = NEW.transfer_id
    GROUP BY moved.number, moved.transfer_id, moved.account_id, moved.side
    HAVING sum(moved.amount_minor) <> 0
    """  # noqa: S608  # our own text


QUESTION = f"""
        WHEN transfer.kind IN ('CLAIM_BLOCK', 'DEBT_PAID') THEN
            differs := EXISTS ({differences(COLLECTED)});
        WHEN transfer.kind IN ('CLAIM_PAID', 'CLAIM_RELEASE') THEN
            differs := EXISTS ({differences(CLAIMED)});"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _widen("ledger_accounts", "ck_ledger_accounts_kind", "CLAIM", "PERSON_DEBTS")
    _widen("ledger_transfers", "ck_ledger_transfers_kind", "CLAIM_BLOCK", "DEBT_PAID", "CLAIM_PAID", "CLAIM_RELEASE")
    for statement in TABLES:
        op.execute(statement.replace(":=", "\\:="))
    _rewrite_question(("END CASE;", f"{QUESTION}\n        END CASE;"))
    view = _ask("SELECT pg_get_viewdef('due_transfers'::regclass)").rstrip("; \n")
    _run(f"CREATE OR REPLACE VIEW due_transfers AS {view}{DUE}")


def downgrade() -> None:
    """Refuses where a payer's bank wanted money back: who owes what would be lost. The parameters stay on record."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    if _ask("SELECT EXISTS (SELECT FROM money_claims)"):
        raise RuntimeError("payers' banks wanted money back: going back would lose who owes what")
    view = _ask("SELECT pg_get_viewdef('due_transfers'::regclass)")
    _run(f"CREATE OR REPLACE VIEW due_transfers AS {view[: view.index(DUE_BEGINS)]}")
    _rewrite_question((f"{QUESTION}\n        END CASE;", "END CASE;"))
    for statement in (
        "ALTER TABLE parameters DROP CONSTRAINT ck_parameters_sensible_claims",
        "DROP TABLE sandbox_claims",
        "DROP TRIGGER payment_is_claimed_once ON payment_returns",
        "DROP TABLE claim_collections",
        "DROP TABLE money_claims",
        "DROP FUNCTION claim_adds_up()",
        "DROP FUNCTION payment_is_claimed_once()",
    ):
        op.execute(statement)
    for statement in (
        "ALTER TABLE ledger_accounts DISABLE TRIGGER ledger_refuse_change",
        "DELETE FROM ledger_balances WHERE account_id = 'ffffffff-0000-8000-8000-000000000011'",
        "DELETE FROM ledger_accounts WHERE id = 'ffffffff-0000-8000-8000-000000000011'",
        "ALTER TABLE ledger_accounts ENABLE TRIGGER ledger_refuse_change",
    ):
        op.execute(statement)
    _narrow("ledger_accounts", "ck_ledger_accounts_kind", "CLAIM", "PERSON_DEBTS")
    _narrow("ledger_transfers", "ck_ledger_transfers_kind", "CLAIM_BLOCK", "DEBT_PAID", "CLAIM_PAID", "CLAIM_RELEASE")


def _widen(table: str, constraint: str, *values: str) -> None:
    """Let the column have *values* as well. Every row obeyed the narrower rule; the next migration looks."""
    rule = _ask(f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'")  # noqa: S608
    named = "".join(f"'{value}'::text, " for value in values)
    wider = rule.replace("ARRAY[", f"ARRAY[{named}").removesuffix(" NOT VALID")
    _run(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    _run(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {wider} NOT VALID")


def _narrow(table: str, constraint: str, *values: str) -> None:
    """Undo `_widen`."""
    rule = _ask(f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'")  # noqa: S608
    for value in values:
        rule = rule.replace(f"'{value}'::text, ", "")
    _run(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    _run(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {rule.removesuffix(' NOT VALID')} NOT VALID")


def _rewrite_question(*changes: tuple[str, str]) -> None:
    """Change what a transfer is asked at commit, and nothing else of that: others may have widened it as well."""
    function = _ask("SELECT pg_get_functiondef('ledger_transfer_has_its_cause'::regproc)")
    for before, after in changes:
        if function.count(before) != 1:
            raise RuntimeError(f"what a transfer is asked is not what this migration knows: {before}")
        function = function.replace(before, after)
    _run(function)


def _ask(question: str) -> Any:
    return op.get_bind().exec_driver_sql(question).scalar_one()


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)
