"""
Unclaimed money finds its end: given to a person, or paid out of the bank.

The database keeps what matters about it: a credit is settled by one transfer that takes just its amount out of
suspense, is open again only when that transfer was reversed, and no money leaves suspense for the bank without one.
"""

from alembic import op

revision = "wallet_0012"
down_revision = "wallet_0011"
branch_labels = None
depends_on = None

UPGRADE = (
    # Every row obeyed the narrower rule; the next migration looks, without stopping business as this one would.
    "ALTER TABLE ledger_transfers DROP CONSTRAINT ck_ledger_transfers_kind",
    """
    ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_kind CHECK (kind IN (
        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT', 'HOLD', 'HOLD_RELEASE',
        'HOLD_CAPTURE', 'DISBURSEMENT', 'INSTALLMENT_PAYMENT', 'PAYOUT', 'WITHDRAWAL', 'WITHDRAWAL_SENT',
        'WITHDRAWAL_RETURN', 'GATEWAY_SETTLEMENT', 'REVERSAL')) NOT VALID
    """,
    "ALTER TABLE staff_actions DROP CONSTRAINT ck_staff_actions_action",
    """
    ALTER TABLE staff_actions ADD CONSTRAINT ck_staff_actions_action CHECK (
        action IN ('REVERSE_TRANSFER', 'RESOLVE_SUSPENSE', 'RELEASE_UNCLAIMED', 'PAY_OUT_UNCLAIMED')) NOT VALID
    """,
    """
    ALTER TABLE unclaimed_credits ADD COLUMN settled_by uuid
        CONSTRAINT uq_unclaimed_credits_settled_by UNIQUE
        CONSTRAINT fk_unclaimed_credits_settled_by_ledger_transfers REFERENCES ledger_transfers (id)
    """,
    "CREATE INDEX ix_unclaimed_credits_open ON unclaimed_credits (id) WHERE settled_by IS NULL",
    """
    CREATE TABLE unclaimed_payouts (
        transfer_id uuid NOT NULL CONSTRAINT pk_unclaimed_payouts PRIMARY KEY
            CONSTRAINT fk_unclaimed_payouts_transfer_id_ledger_transfers REFERENCES ledger_transfers (id),
        bank_reference text NOT NULL CONSTRAINT uq_unclaimed_payouts_bank_reference UNIQUE
    )
    """,
    """
    CREATE TRIGGER unclaimed_payout_refuse_change BEFORE UPDATE OR DELETE ON unclaimed_payouts
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()
    """,
    """
    CREATE FUNCTION unclaimed_credit_check_end() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        taken_minor numeric;
    BEGIN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'unclaimed credits are never deleted' USING ERRCODE = 'restrict_violation';
        END IF;
        IF TG_OP = 'INSERT' THEN
            IF NEW.settled_by IS NOT NULL THEN
                RAISE EXCEPTION 'a credit is open first' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END IF;
        IF (NEW.id, NEW.transfer_id, NEW.user_id, NEW.amount_minor, NEW.reason)
            IS DISTINCT FROM (OLD.id, OLD.transfer_id, OLD.user_id, OLD.amount_minor, OLD.reason) THEN
            RAISE EXCEPTION 'unclaimed credit % stays as it is' , OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.settled_by IS NOT DISTINCT FROM OLD.settled_by THEN
            RETURN NEW;
        END IF;
        IF OLD.settled_by IS NOT NULL
            AND NOT EXISTS (SELECT FROM ledger_transfers WHERE reverses_id = OLD.settled_by) THEN
            RAISE EXCEPTION 'unclaimed credit % is settled', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.settled_by IS NULL THEN
            RETURN NEW;
        END IF;
        SELECT sum(CASE entry.side WHEN 'DEBIT' THEN entry.amount_minor ELSE -entry.amount_minor END) INTO taken_minor
        FROM ledger_transfers AS transfer
        JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
        JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'SUSPENSE'
        WHERE transfer.id = NEW.settled_by AND (
            (transfer.kind IN ('SUSPENSE_RESOLVED', 'SUSPENSE_PAID_OUT') AND transfer.reference_id = NEW.id)
            -- What brought the money is undone: it goes back where it came from.
            OR transfer.reverses_id = NEW.transfer_id);
        IF taken_minor IS DISTINCT FROM NEW.amount_minor THEN
            RAISE EXCEPTION 'transfer % does not settle unclaimed credit %', NEW.settled_by, NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER unclaimed_credit_check_end BEFORE INSERT OR UPDATE OR DELETE ON unclaimed_credits
    FOR EACH ROW EXECUTE FUNCTION unclaimed_credit_check_end()
    """,
    """
    CREATE FUNCTION suspense_paid_out_has_a_cause() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM unclaimed_credits WHERE settled_by = NEW.id)
            OR NOT EXISTS (SELECT FROM unclaimed_payouts WHERE transfer_id = NEW.id) THEN
            RAISE EXCEPTION 'transfer % pays out what nobody has decided on', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER suspense_paid_out_has_a_cause AFTER INSERT ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'SUSPENSE_PAID_OUT')
    EXECUTE FUNCTION suspense_paid_out_has_a_cause()
    """,
)

DOWNGRADE = (
    "DROP TRIGGER suspense_paid_out_has_a_cause ON ledger_transfers",
    "DROP FUNCTION suspense_paid_out_has_a_cause",
    "DROP TABLE unclaimed_payouts",
    "DROP TRIGGER unclaimed_credit_check_end ON unclaimed_credits",
    "DROP FUNCTION unclaimed_credit_check_end",
    "ALTER TABLE unclaimed_credits DROP COLUMN settled_by",
    "ALTER TABLE staff_actions DROP CONSTRAINT ck_staff_actions_action",
    """
    ALTER TABLE staff_actions ADD CONSTRAINT ck_staff_actions_action
        CHECK (action IN ('REVERSE_TRANSFER', 'RESOLVE_SUSPENSE')) NOT VALID
    """,
    "ALTER TABLE ledger_transfers DROP CONSTRAINT ck_ledger_transfers_kind",
    """
    ALTER TABLE ledger_transfers ADD CONSTRAINT ck_ledger_transfers_kind CHECK (kind IN (
        'DEPOSIT', 'SURPLUS', 'SUSPENSE', 'SUSPENSE_RESOLVED', 'HOLD', 'HOLD_RELEASE', 'HOLD_CAPTURE',
        'DISBURSEMENT', 'INSTALLMENT_PAYMENT', 'PAYOUT', 'WITHDRAWAL', 'WITHDRAWAL_SENT', 'WITHDRAWAL_RETURN',
        'GATEWAY_SETTLEMENT', 'REVERSAL')) NOT VALID
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
