"""
When an installment was found late is kept with it, for the time line: its status says no more once it is paid.

Of those from before it is the day after they were due, where something was charged for being late.
"""

from alembic import op

revision = "contracts_0012"
down_revision = "contracts_0011"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE installments ADD COLUMN late_at timestamptz",
    """
    UPDATE installments SET late_at = (due_on + 1)::timestamp AT TIME ZONE 'America/Sao_Paulo'
    WHERE status = 'LATE' OR charged_days > 0
    """,
    """
    ALTER TABLE installments ADD CONSTRAINT ck_installments_late_at CHECK (status <> 'LATE' OR late_at IS NOT NULL)
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE installments DROP COLUMN late_at")
