"""A session knows when its person last proved to be who they are; the ones that are open did so when they began."""

from alembic import op

revision = "accounts_0005"
down_revision = "accounts_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sessions ADD COLUMN proved_at timestamptz")
    op.execute("UPDATE sessions SET proved_at = created_at")
    op.execute("ALTER TABLE sessions ALTER COLUMN proved_at SET NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE sessions DROP COLUMN proved_at")
