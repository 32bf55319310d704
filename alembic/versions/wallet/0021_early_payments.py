"""
Paying before the due date costs less: what the reduction follows from, and what was taken off with each payment.

Of CPRs activated before, contracts tells the schedule once more, with these terms.
"""

from alembic import op

revision = "wallet_0021"
down_revision = "wallet_0020"
branch_labels = None
depends_on = None

FOLLOWS = """
    CREATE OR REPLACE FUNCTION installment_payment_follows() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        last installment_payments;
        owed bigint := (SELECT amount_minor FROM installments WHERE id = NEW.installment_id);
    BEGIN
        SELECT * INTO last FROM installment_payments WHERE installment_id = NEW.installment_id
        ORDER BY number DESC LIMIT 1;
        IF coalesce(last.pays, false)
            OR NEW.number <> coalesce(last.number, 0) + 1
            OR NEW.late_days < coalesce(last.late_days, 0)
            OR NEW.late_due_minor < coalesce(last.late_due_minor - last.late_minor, 0)
            OR NEW.settled_minor <> coalesce(last.settled_minor, 0) + NEW.amount_minor - NEW.late_minor{reduction}
            OR NEW.settled_minor > owed
            OR NEW.pays <> (NEW.settled_minor = owed AND NEW.late_minor = NEW.late_due_minor) THEN
            RAISE EXCEPTION 'payment % does not follow those before it of installment %', NEW.id, NEW.installment_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""

UPGRADE = (
    """
    ALTER TABLE installments
        ADD COLUMN interest_minor bigint CONSTRAINT ck_installments_interest_of_it
            CHECK (interest_minor BETWEEN 0 AND amount_minor),
        ADD COLUMN starts_on date,
        ADD COLUMN months bigint CONSTRAINT ck_installments_months_positive CHECK (months > 0),
        ADD COLUMN monthly_rate numeric(15, 12) CONSTRAINT ck_installments_monthly_rate_not_negative
            CHECK (monthly_rate >= 0)
    """,
    """
    ALTER TABLE installment_payments
        ADD COLUMN reduction_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN settlement_id uuid,
        ADD CONSTRAINT ck_installment_payments_reduced_early CHECK (
            reduction_minor >= 0 AND (reduction_minor = 0 OR late_days = 0))
    """,
    "ALTER TABLE installment_payments ALTER COLUMN reduction_minor DROP DEFAULT",
    """
    CREATE INDEX ix_installment_payments_settlement_id ON installment_payments (settlement_id)
        WHERE settlement_id IS NOT NULL
    """,
    "ALTER TABLE charges ADD COLUMN is_early boolean NOT NULL DEFAULT false",
    "ALTER TABLE charges ALTER COLUMN is_early DROP DEFAULT",
    FOLLOWS.replace("{reduction}", " + NEW.reduction_minor"),
    "DROP TRIGGER fact_stays ON installments",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON installments FOR EACH ROW EXECUTE FUNCTION fact_stays(
        'late_fine_rate', 'late_monthly_rate', 'interest_minor', 'starts_on', 'months', 'monthly_rate')
    """,
    # Terms are added where they were not told, and then stay.
    """
    CREATE TRIGGER fact_goes_on BEFORE UPDATE ON installments FOR EACH ROW
    WHEN (OLD.monthly_rate IS NOT NULL AND (NEW.interest_minor, NEW.starts_on, NEW.months, NEW.monthly_rate)
        IS DISTINCT FROM (OLD.interest_minor, OLD.starts_on, OLD.months, OLD.monthly_rate))
    EXECUTE FUNCTION fact_goes_on('id')
    """,
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM installment_payments WHERE reduction_minor > 0) THEN
            RAISE EXCEPTION 'installments were paid early: what was taken off would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "DROP TRIGGER fact_goes_on ON installments",
    "DROP TRIGGER fact_stays ON installments",
    """
    CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON installments FOR EACH ROW
    EXECUTE FUNCTION fact_stays('late_fine_rate', 'late_monthly_rate')
    """,
    FOLLOWS.replace("{reduction}", ""),
    "ALTER TABLE charges DROP COLUMN is_early",
    "ALTER TABLE installment_payments DROP COLUMN settlement_id, DROP COLUMN reduction_minor",
    """
    ALTER TABLE installments DROP COLUMN interest_minor, DROP COLUMN starts_on, DROP COLUMN months,
        DROP COLUMN monthly_rate
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement.replace(":=", "\\:="))
