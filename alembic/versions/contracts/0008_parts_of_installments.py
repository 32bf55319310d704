"""
An installment may be paid in parts: what is settled of it, and what is left of the cost of being late, is kept.

Installments that were paid are settled whole. The database keeps that one is PAID exactly when all of it is settled.
"""

from alembic import op

revision = "contracts_0008"
down_revision = "contracts_0007"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    ALTER TABLE installments
        ADD COLUMN settled_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN payment_count integer NOT NULL DEFAULT 0,
        ADD COLUMN charged_days integer NOT NULL DEFAULT 0,
        ADD COLUMN late_left_minor bigint NOT NULL DEFAULT 0
    """,
    "UPDATE installments SET settled_minor = principal_minor + interest_minor, payment_count = 1 WHERE status = 'PAID'",
    """
    ALTER TABLE installments
        ALTER COLUMN settled_minor DROP DEFAULT,
        ALTER COLUMN payment_count DROP DEFAULT,
        ALTER COLUMN charged_days DROP DEFAULT,
        ALTER COLUMN late_left_minor DROP DEFAULT,
        ADD CONSTRAINT ck_installments_settled CHECK (
            settled_minor BETWEEN 0 AND principal_minor + interest_minor
            AND (status = 'PAID') = (settled_minor = principal_minor + interest_minor)),
        ADD CONSTRAINT ck_installments_late_left CHECK (
            late_left_minor >= 0 AND charged_days >= 0 AND payment_count >= 0
            AND (late_left_minor = 0 OR status <> 'PAID'))
    """,
    "ALTER TABLE installment_payments ADD COLUMN number integer NOT NULL DEFAULT 1",
    "ALTER TABLE installment_payments ALTER COLUMN number DROP DEFAULT",
    "ALTER TABLE installment_payments DROP CONSTRAINT ck_installment_payments_outcome",
    """
    ALTER TABLE installment_payments ADD CONSTRAINT ck_installment_payments_outcome CHECK (
        (outcome = 'EXACT' AND amount_minor = due_minor) OR (outcome = 'ABOVE' AND amount_minor > due_minor)
        OR (outcome = 'BELOW' AND amount_minor < due_minor + late_minor) OR outcome = 'REPEATED')
    """,
    """
    CREATE UNIQUE INDEX uq_installment_payments_number ON installment_payments (installment_id, number)
        WHERE outcome <> 'REPEATED'
    """,
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM installments WHERE settled_minor > 0 AND status <> 'PAID' OR payment_count > 1) THEN
            RAISE EXCEPTION 'installments were paid in parts: what is open of them would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "DROP INDEX uq_installment_payments_number",
    "ALTER TABLE installment_payments DROP CONSTRAINT ck_installment_payments_outcome",
    """
    ALTER TABLE installment_payments ADD CONSTRAINT ck_installment_payments_outcome CHECK (
        (outcome = 'EXACT' AND amount_minor = due_minor) OR (outcome = 'ABOVE' AND amount_minor > due_minor)
        OR (outcome = 'BELOW' AND amount_minor < due_minor) OR outcome = 'REPEATED')
    """,
    "ALTER TABLE installment_payments DROP COLUMN number",
    """
    ALTER TABLE installments DROP COLUMN settled_minor, DROP COLUMN payment_count, DROP COLUMN charged_days,
        DROP COLUMN late_left_minor
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
