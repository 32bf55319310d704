"""
Payments go back to who made them, and who that was is kept, sealed.

- A payment goes back once: no more of it than came, out of suspense the whole, out of a wallet that had it.
- A return moves money as it is recorded: out of where it was, to the payer, or back if it does not get there.
- Deposits from somebody else's account, and boletos that are paid twice, follow dated rules.
"""

from typing import Any

from alembic import op

revision = "wallet_0032"
down_revision = "wallet_0031"
branch_labels = None
depends_on = None

_SUSPENSE = "'ffffffff-0000-8000-8000-000000000001'::uuid"
_BANK = "'ffffffff-0000-8000-8000-000000000007'::uuid"
_RETURNS = "'ffffffff-0000-8000-8000-000000000010'::uuid"

GIVEN_BACK = f"""
    SELECT t.number, t.id AS transfer_id, line.account_id, line.side, line.amount_minor
    FROM ledger_transfers AS t
    JOIN payment_returns AS r ON r.id = t.cause_id AND r.payment_id = t.reference_id
    LEFT JOIN wallets AS w ON w.user_id = r.user_id
    LEFT JOIN ledger_transfers AS sent ON sent.kind = 'PAYMENT_RETURN_SENT' AND sent.cause_id = r.id
    CROSS JOIN LATERAL (VALUES
        (CASE r.source WHEN 'SUSPENSE' THEN {_SUSPENSE} ELSE w.available_id END)) AS source (account_id)
    CROSS JOIN LATERAL (VALUES
        ('PAYMENT_RETURN', source.account_id, {_RETURNS}),
        ('PAYMENT_RETURN_SENT', {_RETURNS}, {_BANK}),
        ('PAYMENT_RETURN_FAILED', CASE WHEN sent.id IS NULL THEN {_RETURNS}
            ELSE {_BANK} END, source.account_id)
        ) AS way (kind, from_id, to_id)
    CROSS JOIN LATERAL (VALUES
        (way.from_id, 'DEBIT', r.amount_minor),
        (way.to_id, 'CREDIT', r.amount_minor)) AS line (account_id, side, amount_minor)
    WHERE way.kind = t.kind AND (
        (t.kind = 'PAYMENT_RETURN' AND r.requested_at = t.occurred_at)
        -- One that failed had perhaps arrived before, of which only the transfer tells.
        OR (t.kind = 'PAYMENT_RETURN_SENT'
            AND ((r.status = 'SETTLED' AND r.ended_at = t.occurred_at) OR r.status = 'FAILED'))
        OR (t.kind = 'PAYMENT_RETURN_FAILED' AND r.status = 'FAILED' AND r.ended_at = t.occurred_at))
      AND (r.reason <> 'DECIDED' OR EXISTS (
        SELECT FROM staff_actions AS s JOIN staff_proposals AS said ON said.id = s.proposal_id
        WHERE s.id = r.id AND s.action = 'RETURN_PAYMENT' AND s.subject_id = r.payment_id AND s.at = r.requested_at
          AND coalesce((said.content ->> 'amount_minor')::bigint, r.amount_minor) = r.amount_minor))
"""  # noqa: S608  # our own text
KINDS = ("PAYMENT_RETURN", "PAYMENT_RETURN_SENT", "PAYMENT_RETURN_FAILED")
DUE = """
    UNION ALL
    SELECT 'return', id, 'PAYMENT_RETURN' FROM payment_returns
    UNION ALL
    SELECT 'return', id, 'PAYMENT_RETURN_SENT' FROM payment_returns WHERE status = 'SETTLED'
    UNION ALL
    SELECT 'return', id, 'PAYMENT_RETURN_FAILED' FROM payment_returns WHERE status = 'FAILED'
"""
DUE_BEGINS = "UNION ALL\n SELECT 'return'"
"""As the server writes the first line of it."""

TABLES = (
    """
    INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative) VALUES
        ('ffffffff-0000-8000-8000-000000000010', 'returns', 'RETURNS', 'CREDIT', false)
    ON CONFLICT DO NOTHING
    """,
    """
    CREATE TABLE payment_payers (
        payment_id uuid CONSTRAINT pk_payment_payers PRIMARY KEY
            CONSTRAINT fk_payment_payers_payment_id REFERENCES gateway_payments (id),
        payer_sealed bytea NOT NULL,
        kept_until timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_payment_payers_kept_until ON payment_payers (kept_until)",
    """
    CREATE TABLE payment_returns (
        id uuid CONSTRAINT pk_payment_returns PRIMARY KEY,
        payment_id uuid NOT NULL CONSTRAINT fk_payment_returns_payment_id REFERENCES gateway_payments (id),
        source text NOT NULL CONSTRAINT ck_payment_returns_source CHECK (source IN ('SUSPENSE', 'WALLET')),
        user_id uuid,
        amount_minor bigint NOT NULL CONSTRAINT ck_payment_returns_positive CHECK (amount_minor > 0),
        reason text NOT NULL
            CONSTRAINT ck_payment_returns_reason CHECK (reason IN ('ANOTHER_PAYER', 'PAID_TWICE', 'DECIDED')),
        status text NOT NULL
            CONSTRAINT ck_payment_returns_status CHECK (status IN ('REQUESTED', 'SENT', 'SETTLED', 'FAILED')),
        requested_at timestamptz NOT NULL,
        sent_at timestamptz,
        ended_at timestamptz,
        failure text,
        CONSTRAINT ck_payment_returns_out_of_somebodys_wallet CHECK (source = 'SUSPENSE' OR user_id IS NOT NULL),
        CONSTRAINT ck_payment_returns_ended CHECK ((status IN ('SETTLED', 'FAILED')) = (ended_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_payment_returns_payment_id ON payment_returns (payment_id)",
    "CREATE INDEX ix_payment_returns_user_id ON payment_returns (user_id, requested_at)",
    "CREATE INDEX ix_payment_returns_requested_at ON payment_returns (requested_at, id)",
    """
    CREATE INDEX ix_payment_returns_in_flight ON payment_returns (requested_at)
    WHERE status IN ('REQUESTED', 'SENT')
    """,
    # SECURITY DEFINER: the payment is locked, which takes a right to change it.
    """
    CREATE FUNCTION payment_goes_back_once() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        payment gateway_payments;
        returned numeric;
    BEGIN
        SELECT * INTO payment FROM gateway_payments WHERE id = NEW.payment_id FOR NO KEY UPDATE;
        SELECT coalesce(sum(amount_minor), 0) INTO returned FROM payment_returns
        WHERE payment_id = NEW.payment_id AND status <> 'FAILED';
        IF NEW.status <> 'REQUESTED' OR returned + NEW.amount_minor > payment.amount_minor THEN
            RAISE EXCEPTION 'payment % is of %, % go back already', payment.id, payment.amount_minor, returned
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_goes_back_once';
        END IF;
        IF NEW.source = 'SUSPENSE' THEN
            IF payment.outcome <> 'QUARANTINED' OR NEW.amount_minor <> payment.amount_minor THEN
                RAISE EXCEPTION 'payment % is not in suspense, or not in whole', payment.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_goes_back_once';
            END IF;
        ELSIF NOT EXISTS (
            SELECT FROM ledger_transfers AS transfer
            JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id AND entry.side = 'CREDIT'
            JOIN ledger_accounts AS account ON account.id = entry.account_id
            WHERE account.owner_id = NEW.user_id AND account.kind = 'AVAILABLE' AND (
                (transfer.kind IN ('DEPOSIT', 'SURPLUS') AND transfer.cause_id = payment.id)
                OR (transfer.kind = 'SUSPENSE_RESOLVED' AND transfer.reference_id = payment.id))
              AND NOT EXISTS (SELECT FROM ledger_transfers AS undone WHERE undone.reverses_id = transfer.id)) THEN
            RAISE EXCEPTION 'payment % is not in the wallet of %', payment.id, NEW.user_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_goes_back_once';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_goes_back_once BEFORE INSERT ON payment_returns
    FOR EACH ROW EXECUTE FUNCTION payment_goes_back_once()
    """,
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON payment_returns
    FOR EACH ROW EXECUTE FUNCTION fact_stays('status', 'sent_at', 'ended_at', 'failure')
    """,
    "CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON payment_returns EXECUTE FUNCTION fact_stays()",
    """
    CREATE TRIGGER fact_goes_on BEFORE UPDATE ON payment_returns FOR EACH ROW
    WHEN (array_position(ARRAY['REQUESTED', 'SENT', 'SETTLED', 'FAILED'], OLD.status)
        > array_position(ARRAY['REQUESTED', 'SENT', 'SETTLED', 'FAILED'], NEW.status)
        OR OLD.status = 'FAILED' AND NEW IS DISTINCT FROM OLD)
    EXECUTE FUNCTION fact_goes_on('id')
    """,
    """
    CREATE CONSTRAINT TRIGGER fact_moved_its_money AFTER INSERT OR UPDATE ON payment_returns
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fact_moved_its_money('id')
    """,
    """
    INSERT INTO parameters (name, valid_from, value, note) VALUES
    ('deposits_of_others', '2020-01-01', 1,
     'A deposit from an account of another CPF or CNPJ than the wallet''s: 0 is credited, 1 goes back to its payer, 2 '
     'waits in suspense for people. Doubt: no rule says that lenders'' money must come from their own accounts (Res. '
     'CMN 5.050/2022 asks for the identification of both sides; Circular BCB 3.978/2020 for the origin of funds), and '
     'a spouse may pay for the other; what cannot be explained to the COAF is safest not taken.'),
    ('boletos_paid_twice', '2020-01-01', 1,
     'A boleto that was paid before: 0 its second payment is credited to the wallet of the person charged, 1 it goes '
     'back to its payer, and to suspense where the bank cannot tell that account, 2 it waits in suspense. Doubt: what '
     'was paid without being owed belongs to who paid it (Codigo Civil art. 876), who need not be the person charged.')
    ON CONFLICT DO NOTHING
    """,
    """
    ALTER TABLE parameters ADD CONSTRAINT ck_parameters_sensible_returns
        CHECK (name NOT IN ('deposits_of_others', 'boletos_paid_twice') OR value <= 2)
    """,
)
SANDBOX = (
    "ALTER TABLE sandbox_payments ADD COLUMN payer jsonb, ADD COLUMN if_returned text",
    """
    CREATE TABLE sandbox_returns (
        reference text CONSTRAINT pk_sandbox_returns PRIMARY KEY,
        end_to_end_id text NOT NULL,
        amount_minor bigint NOT NULL,
        status text NOT NULL,
        reason text,
        ordered_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_sandbox_returns_end_to_end_id ON sandbox_returns (end_to_end_id)",
)
OUTCOME_GOES_ON = """
    CREATE TRIGGER fact_goes_on BEFORE UPDATE ON gateway_payments FOR EACH ROW
    WHEN (NEW.outcome <> OLD.outcome AND (OLD.outcome, NEW.outcome) NOT IN ({ways})
        OR OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at)
    EXECUTE FUNCTION fact_goes_on('id')
"""
RESOLVED = "('QUARANTINED', 'RESOLVED'), ('RESOLVED', 'QUARANTINED')"
RETURNED = "('QUARANTINED', 'RETURNED'), ('RETURNED', 'QUARANTINED')"

OUTCOMES = ("p.outcome IN ('QUARANTINED', 'RESOLVED')", "p.outcome IN ('QUARANTINED', 'RESOLVED', 'RETURNED')")


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


_NAMED = ", ".join(f"'{kind}'" for kind in KINDS)
QUESTION = f"""
        WHEN transfer.kind IN ({_NAMED}) THEN
            differs := EXISTS ({differences(GIVEN_BACK)});"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _widen("ledger_accounts", "ck_ledger_accounts_kind", "RETURNS")
    _widen("ledger_transfers", "ck_ledger_transfers_kind", *KINDS)
    _widen("gateway_payments", "ck_gateway_payments_outcome", "RETURNED")
    _widen("staff_actions", "ck_staff_actions_action", "RETURN_PAYMENT")
    for statement in (*TABLES, *SANDBOX):
        op.execute(statement.replace(":=", "\\:="))
    op.execute("DROP TRIGGER fact_goes_on ON gateway_payments")
    op.execute(OUTCOME_GOES_ON.format(ways=f"{RESOLVED}, {RETURNED}"))
    _rewrite_question(OUTCOMES, ("END CASE;", f"{QUESTION}\n        END CASE;"))
    view = _ask("SELECT pg_get_viewdef('due_transfers'::regclass)").rstrip("; \n")
    _run(f"CREATE OR REPLACE VIEW due_transfers AS {view}{DUE}")


def downgrade() -> None:
    """Refuses where a payment went back: the ledger would not say why. The parameters stay on record."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    if _ask("SELECT EXISTS (SELECT FROM payment_returns)"):
        raise RuntimeError("payments went back: going back would lose which and why")
    view = _ask("SELECT pg_get_viewdef('due_transfers'::regclass)")
    _run(f"CREATE OR REPLACE VIEW due_transfers AS {view[: view.index(DUE_BEGINS)]}")
    _rewrite_question(OUTCOMES[::-1], (f"{QUESTION}\n        END CASE;", "END CASE;"))
    op.execute("DROP TRIGGER fact_goes_on ON gateway_payments")
    op.execute(OUTCOME_GOES_ON.format(ways=RESOLVED))
    for statement in (
        "ALTER TABLE parameters DROP CONSTRAINT ck_parameters_sensible_returns",
        "DROP TABLE sandbox_returns",
        "ALTER TABLE sandbox_payments DROP COLUMN payer, DROP COLUMN if_returned",
        "DROP TABLE payment_returns",
        "DROP FUNCTION payment_goes_back_once()",
        "DROP TABLE payment_payers",
    ):
        op.execute(statement)
    for statement in (
        "ALTER TABLE ledger_accounts DISABLE TRIGGER ledger_refuse_change",
        "DELETE FROM ledger_balances WHERE account_id = 'ffffffff-0000-8000-8000-000000000010'",
        "DELETE FROM ledger_accounts WHERE id = 'ffffffff-0000-8000-8000-000000000010'",
        "ALTER TABLE ledger_accounts ENABLE TRIGGER ledger_refuse_change",
    ):
        op.execute(statement)
    _narrow("ledger_accounts", "ck_ledger_accounts_kind", "RETURNS")
    _narrow("ledger_transfers", "ck_ledger_transfers_kind", *KINDS)
    _narrow("gateway_payments", "ck_gateway_payments_outcome", "RETURNED")
    _narrow("staff_actions", "ck_staff_actions_action", "RETURN_PAYMENT")


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
