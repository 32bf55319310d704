"""
A pause for each reason, so that none ends another; and when a withdrawal was ordered: then nobody calls it back.

Whether an order for a withdrawal that waits has reached the gateway is not known, so it counts as ordered.
"""

from alembic import op

revision = "wallet_0010"
down_revision = "wallet_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE money_out_pauses DROP CONSTRAINT pk_money_out_pauses")
    op.execute("ALTER TABLE money_out_pauses ADD CONSTRAINT pk_money_out_pauses PRIMARY KEY (user_id, reason)")
    op.execute("ALTER TABLE withdrawals ADD COLUMN ordered_at timestamptz")
    op.execute("UPDATE withdrawals SET ordered_at = requested_at WHERE status = 'REQUESTED'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE withdrawals DROP COLUMN ordered_at")
    op.execute("""
        DELETE FROM money_out_pauses older USING money_out_pauses newer
        WHERE older.user_id = newer.user_id AND (older.since, older.reason) < (newer.since, newer.reason)
    """)
    op.execute("ALTER TABLE money_out_pauses DROP CONSTRAINT pk_money_out_pauses")
    op.execute("ALTER TABLE money_out_pauses ADD CONSTRAINT pk_money_out_pauses PRIMARY KEY (user_id)")
