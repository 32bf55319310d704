"""
Parameters change by the word of two of the staff, and each is recorded.

- A service adds no rule but one that was proposed and approved, and that from a day to come.
- Rules stay as they were added, and are chained by hashes; those that are in force are recorded from here on.
- Values are such that what reads them can work with them.
"""

from alembic import op
from subgraphs.shared.parameters.tables import forget_records, record_rules
from subgraphs.shared.proposals import create_proposals, drop_proposals

revision = "accounts_0011"
down_revision = "accounts_0010"
branch_labels = None
depends_on = None

TABLES = ("parameters",)

SENSIBLE = """
    ALTER TABLE parameters ADD CONSTRAINT ck_parameters_sensible CHECK (CASE
        WHEN name ~ '_(hours|seconds)$' THEN value >= 1
        ELSE true END)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_proposals(op)
    record_rules(op, TABLES)
    op.execute(SENSIBLE)


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
    op.execute("ALTER TABLE parameters DROP CONSTRAINT ck_parameters_sensible")
    forget_records(op, TABLES)
    drop_proposals(op)
