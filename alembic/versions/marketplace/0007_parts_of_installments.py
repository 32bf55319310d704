"""An installment may be paid in parts: what is open of it, and by how many payments."""

from alembic import op

revision = "marketplace_0007"
down_revision = "marketplace_0006"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    ALTER TABLE installments
        ADD COLUMN settled_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN payment_count bigint NOT NULL DEFAULT 0
    """,
    "UPDATE installments SET payment_count = 1 WHERE paid_at IS NOT NULL",
    """
    ALTER TABLE installments
        ALTER COLUMN settled_minor DROP DEFAULT,
        ALTER COLUMN payment_count DROP DEFAULT,
        ADD CONSTRAINT ck_installments_settled CHECK (settled_minor BETWEEN 0 AND amount_minor AND payment_count >= 0)
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE installments DROP COLUMN settled_minor, DROP COLUMN payment_count")
