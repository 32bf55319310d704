"""
A payment before the due date settles more than it is: what was taken off is kept with it.

Of CPRs under repayment the schedule is told once more, by a job, with the rates that the reduction follows from.
"""

from alembic import op

revision = "contracts_0009"
down_revision = "contracts_0008"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE cprs ADD COLUMN terms_told_at timestamptz",
    "CREATE INDEX ix_cprs_terms_untold ON cprs (id) WHERE terms_told_at IS NULL AND status IN ('ACTIVE', 'DEFAULTED')",
    "ALTER TABLE installment_payments ADD COLUMN reduction_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE installment_payments ALTER COLUMN reduction_minor DROP DEFAULT",
    "ALTER TABLE installment_payments ADD CONSTRAINT ck_installment_payments_reduction CHECK (reduction_minor >= 0)",
    "ALTER TABLE installment_payments DROP CONSTRAINT ck_installment_payments_outcome",
    """
    ALTER TABLE installment_payments ADD CONSTRAINT ck_installment_payments_outcome CHECK (
        (outcome = 'EXACT' AND amount_minor + reduction_minor = due_minor)
        OR (outcome = 'ABOVE' AND amount_minor > due_minor)
        OR (outcome = 'BELOW' AND amount_minor + reduction_minor < due_minor + late_minor) OR outcome = 'REPEATED')
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
    "DROP INDEX ix_cprs_terms_untold",
    "ALTER TABLE cprs DROP COLUMN terms_told_at",
    "ALTER TABLE installment_payments DROP CONSTRAINT ck_installment_payments_outcome",
    "ALTER TABLE installment_payments DROP COLUMN reduction_minor",
    """
    ALTER TABLE installment_payments ADD CONSTRAINT ck_installment_payments_outcome CHECK (
        (outcome = 'EXACT' AND amount_minor = due_minor) OR (outcome = 'ABOVE' AND amount_minor > due_minor)
        OR (outcome = 'BELOW' AND amount_minor < due_minor + late_minor) OR outcome = 'REPEATED')
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
