"""
The wider rules on kinds of accounts and transfers hold for every row, as the narrower ones did.

In a transaction of its own: the rules came without a look at what was there, which this takes while business goes on.
"""

from alembic import op

revision = "wallet_0015"
down_revision = "wallet_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ledger_accounts VALIDATE CONSTRAINT ck_ledger_accounts_kind")
    op.execute("ALTER TABLE ledger_transfers VALIDATE CONSTRAINT ck_ledger_transfers_kind")


def downgrade() -> None:
    """What was looked at stays so."""
