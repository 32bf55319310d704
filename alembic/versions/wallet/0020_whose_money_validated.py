"""
The rules on whose money it is, who may owe, and by which clock, hold for every row.

In a transaction of its own: the rules came without a look at what was there, which this takes while business goes on.
"""

from alembic import op

revision = "wallet_0020"
down_revision = "wallet_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, constraint in (
        ("holds", "fk_holds_wallet_of_its_person"),
        ("withdrawals", "fk_withdrawals_wallet_of_its_person"),
        ("withdrawals", "fk_withdrawals_bank_account_of_its_person"),
        ("ledger_accounts", "ck_ledger_accounts_whose_code"),
        ("ledger_accounts", "ck_ledger_accounts_who_may_owe"),
        ("ledger_transfers", "ck_ledger_transfers_clock"),
    ):
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    """What was looked at stays so."""
