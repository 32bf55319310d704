"""What accounts decides about people, sessions and keys, kept where every request can be measured by it.

People suspended or gone before are in the read model from the beginning: accounts need not be told by itself.
"""

from alembic import op
from subgraphs.shared.standing.tables import create_standing_tables, drop_standing_tables

revision = "accounts_0002"
down_revision = "accounts_0001"
branch_labels = None
depends_on = None

KNOWN = """
INSERT INTO standing_people (user_id, status, version, changed_at)
SELECT id, CASE WHEN closed_at IS NULL THEN 'SUSPENDED' ELSE 'CLOSED' END, 1, coalesce(closed_at, suspended_at)
FROM users WHERE closed_at IS NOT NULL OR suspended_at IS NOT NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_standing_tables(op)
    op.execute(KNOWN)


def downgrade() -> None:
    drop_standing_tables(op)
