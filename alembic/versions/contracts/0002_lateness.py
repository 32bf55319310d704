"""
What being late costs and when it is a default: dated parameters, copied into each CPR as the terms it was drafted on.

CPRs drafted before keep what the first policy says.
"""

from alembic import op

revision = "contracts_0002"
down_revision = "contracts_0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE contract_policies ADD COLUMN late_fine_rate numeric(9, 6) NOT NULL DEFAULT 0.02",
    "ALTER TABLE contract_policies ADD COLUMN late_monthly_rate numeric(9, 6) NOT NULL DEFAULT 0.01",
    "ALTER TABLE contract_policies ADD COLUMN default_after_days integer NOT NULL DEFAULT 30",
    "ALTER TABLE contract_policies ALTER COLUMN late_fine_rate DROP DEFAULT",
    "ALTER TABLE contract_policies ALTER COLUMN late_monthly_rate DROP DEFAULT",
    "ALTER TABLE contract_policies ALTER COLUMN default_after_days DROP DEFAULT",
    """
    ALTER TABLE contract_policies ADD CONSTRAINT ck_contract_policies_late CHECK (
        late_fine_rate BETWEEN 0 AND 1 AND late_monthly_rate BETWEEN 0 AND 1 AND default_after_days > 0)
    """,
    "ALTER TABLE cprs ADD COLUMN late_fine_rate numeric(9, 6) NOT NULL DEFAULT 0.02",
    "ALTER TABLE cprs ADD COLUMN late_monthly_rate numeric(9, 6) NOT NULL DEFAULT 0.01",
    "ALTER TABLE cprs ALTER COLUMN late_fine_rate DROP DEFAULT",
    "ALTER TABLE cprs ALTER COLUMN late_monthly_rate DROP DEFAULT",
    "ALTER TABLE installment_payments ADD COLUMN late_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE installment_payments ALTER COLUMN late_minor DROP DEFAULT",
    "ALTER TABLE installment_payments ADD CONSTRAINT ck_installment_payments_late CHECK (late_minor >= 0)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, columns in {
        "installment_payments": ("late_minor",),
        "cprs": ("late_monthly_rate", "late_fine_rate"),
        "contract_policies": ("default_after_days", "late_monthly_rate", "late_fine_rate"),
    }.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
