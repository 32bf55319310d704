"""
Applicants remember the version of the fact that they were made from, and no older one changes them.

Rows from before give way to any fact, except those of closed accounts: what was erased stays erased.
"""

from alembic import op

revision = "credit_0004"
down_revision = "credit_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE applicants ADD COLUMN version bigint NOT NULL DEFAULT 0")
    op.execute("UPDATE applicants SET version = 9223372036854775807 WHERE closed_at IS NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE applicants DROP COLUMN version")
