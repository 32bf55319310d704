"""
What changes in an offering's quotas is noted before it is checked, also where constraints do not wait for the commit.

Triggers of one row go by their names, and the check's came first: it found nothing noted.
"""

from alembic import op

revision = "marketplace_0014"
down_revision = "marketplace_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("offerings", "investments"):
        op.execute(f"ALTER TRIGGER quotas_changed ON {table} RENAME TO note_quotas_changed")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("offerings", "investments"):
        op.execute(f"ALTER TRIGGER note_quotas_changed ON {table} RENAME TO quotas_changed")
