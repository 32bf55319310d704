"""By which rate the quotas of a renegotiated CPR are offered; open offers keep the one that they were made with."""

from alembic import op

revision = "marketplace_0012"
down_revision = "marketplace_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE offerings ADD COLUMN renegotiated_annual_rate numeric")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE offerings DROP COLUMN renegotiated_annual_rate")
