"""
What is to come of a quota is reckoned as distribution will take fee and tax of it.

So of each installment it is known what a renegotiation carried of fine and interest for being late, and of each day
whether the fee is taken of these, and whether tax is of what the fee leaves. Schedules that were told before say
nothing of what they carry: of these it stays interest, as it was.
"""

from alembic import op

revision = "marketplace_0017"
down_revision = "marketplace_0016"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE installments ADD COLUMN carried_late_minor bigint NOT NULL DEFAULT 0",
    """
    ALTER TABLE installments
        ALTER COLUMN carried_late_minor DROP DEFAULT,
        ADD CONSTRAINT ck_installments_carried_late_is_interest CHECK (carried_late_minor BETWEEN 0 AND interest_minor)
    """,
    """
    ALTER TABLE deductions
        ADD COLUMN fee_of_late_charges boolean NOT NULL DEFAULT false,
        ADD COLUMN is_taxed_after_fee boolean NOT NULL DEFAULT false
    """,
    """
    ALTER TABLE deductions
        ALTER COLUMN fee_of_late_charges DROP DEFAULT,
        ALTER COLUMN is_taxed_after_fee DROP DEFAULT
    """,
)
DOWNGRADE = (
    "ALTER TABLE deductions DROP COLUMN fee_of_late_charges, DROP COLUMN is_taxed_after_fee",
    "ALTER TABLE installments DROP COLUMN carried_late_minor",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
