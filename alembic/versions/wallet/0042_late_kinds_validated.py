"""The wider rule on kinds of transfers holds for every row, as the narrower one did. Apart, as `wallet_0034` says."""

from alembic import op

revision = "wallet_0042"
down_revision = "wallet_0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ledger_transfers VALIDATE CONSTRAINT ck_ledger_transfers_kind")


def downgrade() -> None:
    """What was looked at stays so."""
