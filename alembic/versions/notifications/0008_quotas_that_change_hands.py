"""
Holdings are positions, whatever brought them; and one event may stand in two people's time lines.

A position that an investment opened has the investment's id, so what was kept by the one is kept by the other.
"""

from alembic import op

revision = "notifications_0008"
down_revision = "notifications_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE holdings RENAME COLUMN investment_id TO position_id")
    op.execute("ALTER TABLE activities DROP CONSTRAINT pk_activities")
    op.execute("ALTER TABLE activities ADD CONSTRAINT pk_activities PRIMARY KEY (id, user_id)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM activities WHERE type = 'QuotaPurchase'")
    op.execute("ALTER TABLE activities DROP CONSTRAINT pk_activities")
    op.execute("ALTER TABLE activities ADD CONSTRAINT pk_activities PRIMARY KEY (id)")
    op.execute("ALTER TABLE holdings RENAME COLUMN position_id TO investment_id")
