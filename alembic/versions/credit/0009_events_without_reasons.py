"""
Events say no more what an analyst wrote about a farmer. What is not sent yet goes out in the new form.
"""

from alembic import op

revision = "credit_0009"
down_revision = "credit_0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    UPDATE outbox SET type = 'credit.request_rejected.v2'
    WHERE sent_at IS NULL AND type = 'credit.request_rejected.v1'
    """,
    "UPDATE outbox SET data = data - 'reason' WHERE type ~ '^credit\\.request_rejected\\.'",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Nothing comes back: the events are as readable without."""
