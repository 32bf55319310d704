"""A CPR that was renegotiated was not repaid as it was signed."""

from alembic import op

revision = "credit_0011"
down_revision = "credit_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE repayment_records ADD COLUMN renegotiated_at timestamptz")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE repayment_records DROP COLUMN renegotiated_at")
