"""The kinds of transfers are checked for those that were there before, without a lock that keeps anybody waiting."""

from alembic import op

revision = "wallet_0030"
down_revision = "wallet_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ledger_transfers VALIDATE CONSTRAINT ck_ledger_transfers_kind")


def downgrade() -> None:
    """Nothing: what is validated stays so."""
