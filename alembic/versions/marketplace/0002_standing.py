"""What accounts decides about people, sessions and keys, kept where every request can be measured by it."""

from alembic import op
from subgraphs.shared.standing.tables import create_standing_tables, drop_standing_tables

revision = "marketplace_0002"
down_revision = "marketplace_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_standing_tables(op)


def downgrade() -> None:
    drop_standing_tables(op)
