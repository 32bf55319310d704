"""
Signers remember the version of the fact that they were made from, and no older one changes them.

Rows from before give way to any fact, except those of closed accounts: what was erased stays erased.
"""

from alembic import op

revision = "contracts_0003"
down_revision = "contracts_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE signers ADD COLUMN version bigint NOT NULL DEFAULT 0")
    op.execute("UPDATE signers SET version = 9223372036854775807 WHERE cpf IS NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE signers DROP COLUMN version")
