"""
An installment may be paid in parts: late with the old amount, it owes the rest.

The payments of an installment are numbered without gaps, and none follows one that pays it off. Each pays fine and
interest for being late first, takes over what the one before it left of them, and all together settle no more than the
installment. What was paid before paid it whole, what was above its amount being the cost of being late.
"""

from alembic import op

revision = "wallet_0017"
down_revision = "wallet_0016"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE installment_payments DROP CONSTRAINT uq_installment_payments_installment_id",
    """
    ALTER TABLE installment_payments
        ADD COLUMN number bigint,
        ADD COLUMN late_days bigint,
        ADD COLUMN late_due_minor bigint,
        ADD COLUMN late_minor bigint,
        ADD COLUMN settled_minor bigint,
        ADD COLUMN pays boolean
    """,
    """
    UPDATE installment_payments AS payment
       SET number = 1, pays = true, settled_minor = installment.amount_minor,
           late_due_minor = payment.amount_minor - installment.amount_minor,
           late_minor = payment.amount_minor - installment.amount_minor,
           late_days = CASE WHEN payment.amount_minor > installment.amount_minor THEN greatest(
               (payment.confirmed_at AT TIME ZONE 'America/Sao_Paulo')::date - installment.due_on, 0) ELSE 0 END
      FROM installments AS installment WHERE installment.id = payment.installment_id
    """,
    """
    ALTER TABLE installment_payments
        ALTER COLUMN number SET NOT NULL,
        ALTER COLUMN late_days SET NOT NULL,
        ALTER COLUMN late_due_minor SET NOT NULL,
        ALTER COLUMN late_minor SET NOT NULL,
        ALTER COLUMN settled_minor SET NOT NULL,
        ALTER COLUMN pays SET NOT NULL,
        ADD CONSTRAINT uq_installment_payments_installment_id_number UNIQUE (installment_id, number),
        ADD CONSTRAINT ck_installment_payments_late_first CHECK (
            late_due_minor >= 0 AND late_days >= 0 AND late_minor = least(amount_minor, late_due_minor))
    """,
    """
    CREATE FUNCTION installment_payment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
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
            OR NEW.settled_minor <> coalesce(last.settled_minor, 0) + NEW.amount_minor - NEW.late_minor
            OR NEW.settled_minor > owed
            OR NEW.pays <> (NEW.settled_minor = owed AND NEW.late_minor = NEW.late_due_minor) THEN
            RAISE EXCEPTION 'payment % does not follow those before it of installment %', NEW.id, NEW.installment_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER installment_payment_follows BEFORE INSERT ON installment_payments
    FOR EACH ROW EXECUTE FUNCTION installment_payment_follows()
    """,
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM installment_payments WHERE number > 1 OR NOT pays) THEN
            RAISE EXCEPTION 'installments were paid in parts: what is left of them would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "DROP TRIGGER installment_payment_follows ON installment_payments",
    "DROP FUNCTION installment_payment_follows",
    """
    ALTER TABLE installment_payments DROP COLUMN number, DROP COLUMN late_days, DROP COLUMN late_due_minor,
        DROP COLUMN late_minor, DROP COLUMN settled_minor, DROP COLUMN pays,
        ADD CONSTRAINT uq_installment_payments_installment_id UNIQUE (installment_id)
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
