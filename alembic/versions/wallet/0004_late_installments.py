"""What a late installment costs, as contracts has told it: charges for it grow by the day."""

from alembic import op

revision = "wallet_0004"
down_revision = "wallet_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE installments
            ADD COLUMN late_fine_rate numeric(9, 6),
            ADD COLUMN late_monthly_rate numeric(9, 6),
            ADD CONSTRAINT ck_installments_late_rates_together
                CHECK ((late_fine_rate IS NULL) = (late_monthly_rate IS NULL)),
            ADD CONSTRAINT ck_installments_late_rates_not_negative
                CHECK (late_fine_rate >= 0 AND late_monthly_rate >= 0)
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE installments DROP COLUMN late_fine_rate, DROP COLUMN late_monthly_rate")
