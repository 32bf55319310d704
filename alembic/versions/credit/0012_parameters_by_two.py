"""
Parameters change by the word of two of the staff, and each is recorded.

- A service adds no rule but one that was proposed and approved, and that from a day to come.
- Rules stay as they were added, and are chained by hashes; those that are in force are recorded from here on.
"""

from alembic import op
from subgraphs.shared.parameters.tables import forget_records, record_rules
from subgraphs.shared.proposals import create_proposals, drop_proposals

revision = "credit_0012"
down_revision = "credit_0011"
branch_labels = None
depends_on = None

TABLES = ("credit_policies", "grade_limits", "score_models")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_proposals(op)
    record_rules(op, TABLES)


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
    forget_records(op, TABLES)
    drop_proposals(op)
