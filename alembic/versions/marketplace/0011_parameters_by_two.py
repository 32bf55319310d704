"""
Parameters change by the word of two of the staff, and each is recorded.

- A service adds no rule but one that was proposed and approved, and that from a day to come.
- Rules stay as they were added, and are chained by hashes; those that are in force are recorded from here on.
- What distribution decides of fee and tax is told by it; what was said of it here stays on record.
- Values are such that what reads them can work with them.
"""

from alembic import op
from subgraphs.shared.parameters.tables import forget_records, record_rules
from subgraphs.shared.proposals import create_proposals, drop_proposals

revision = "marketplace_0011"
down_revision = "marketplace_0010"
branch_labels = None
depends_on = None

TABLES = ("parameters",)

SENSIBLE = """
    ALTER TABLE parameters ADD CONSTRAINT ck_parameters_sensible CHECK (CASE
        WHEN name ~ '_(rate.*|share)$' THEN value <= 1
        WHEN name ~ '_(days|minutes|seconds)$' OR name = 'quota_price_minor' THEN value >= 1
        ELSE true END)
"""
DEDUCTIONS = (
    """
    CREATE TABLE deductions (
        valid_from date CONSTRAINT pk_deductions PRIMARY KEY,
        performance_fee_rate numeric(9, 6) NOT NULL,
        income_tax_rate numeric(9, 6) NOT NULL,
        version bigint NOT NULL DEFAULT 0
    )
    """,
    # What was said here until now, for each day on which one of the two changed.
    """
    INSERT INTO deductions (valid_from, performance_fee_rate, income_tax_rate)
    SELECT day.valid_from, fee.value, tax.value
    FROM (SELECT DISTINCT valid_from FROM parameters WHERE name IN ('performance_fee_rate', 'income_tax_rate')) AS day
    CROSS JOIN LATERAL (SELECT value FROM parameters WHERE name = 'performance_fee_rate'
        AND valid_from <= day.valid_from ORDER BY valid_from DESC LIMIT 1) AS fee
    CROSS JOIN LATERAL (SELECT value FROM parameters WHERE name = 'income_tax_rate'
        AND valid_from <= day.valid_from ORDER BY valid_from DESC LIMIT 1) AS tax
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_proposals(op)
    record_rules(op, TABLES)
    op.execute(SENSIBLE)
    for statement in DEDUCTIONS:
        op.execute(statement)


def downgrade() -> None:
    """Refuses where rules were changed so: who approved them would be forgotten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM staff_proposals WHERE kind = 'CHANGE_RULE') THEN
                RAISE EXCEPTION 'rules were changed by two of the staff: going back would lose who approved'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    op.execute("DROP TABLE deductions")
    op.execute("ALTER TABLE parameters DROP CONSTRAINT ck_parameters_sensible")
    forget_records(op, TABLES)
    drop_proposals(op)
