"""What was refused under an idempotency key is the key's answer."""

from alembic import op

revision = "wallet_0027"
down_revision = "wallet_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE idempotency_keys ADD COLUMN refusal jsonb")


def downgrade() -> None:
    """The keys of what was refused are free again: as before, the same request is then looked at anew."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM idempotency_keys WHERE refusal IS NOT NULL")
    op.execute("ALTER TABLE idempotency_keys DROP COLUMN refusal")
