"""What waits for another domain is found by an index, and who set it going again is on record."""

from alembic import op
from subgraphs.shared.staff_acts import create_staff_acts, drop_staff_acts

revision = "wallet_0037"
down_revision = "wallet_0036"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_installment_payments_confirmed_at": "installment_payments (confirmed_at, id)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_staff_acts(op)
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {place}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    drop_staff_acts(op)
