"""
The wider rules on kinds of accounts, transfers, payments and decisions hold for every row, as the narrower ones did.

In a transaction of its own: the rules came without a look at what was there, which this takes while business goes on.
"""

from alembic import op

revision = "wallet_0034"
down_revision = "wallet_0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ledger_accounts VALIDATE CONSTRAINT ck_ledger_accounts_kind")
    op.execute("ALTER TABLE ledger_transfers VALIDATE CONSTRAINT ck_ledger_transfers_kind")
    op.execute("ALTER TABLE staff_actions VALIDATE CONSTRAINT ck_staff_actions_action")
    op.execute("ALTER TABLE gateway_payments VALIDATE CONSTRAINT ck_gateway_payments_outcome")


def downgrade() -> None:
    """What was looked at stays so."""
