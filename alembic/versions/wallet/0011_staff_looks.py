"""Whose data staff looked at is written down, and stays written."""

from alembic import op
from subgraphs.shared.staff_looks import create_staff_looks, drop_staff_looks

revision = "wallet_0011"
down_revision = "wallet_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_staff_looks(op)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_staff_looks(op)
