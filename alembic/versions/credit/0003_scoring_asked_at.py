"""When a request's scoring was last asked for, so that one that got lost can be asked for again."""

from alembic import op

revision = "credit_0003"
down_revision = "credit_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE credit_requests ADD COLUMN scoring_asked_at timestamptz")
    op.execute("UPDATE credit_requests SET scoring_asked_at = submitted_at")
    op.execute("ALTER TABLE credit_requests ALTER COLUMN scoring_asked_at SET NOT NULL")
    op.execute(
        "CREATE INDEX ix_credit_requests_scoring_asked_at ON credit_requests (scoring_asked_at) "
        "WHERE status IN ('SUBMITTED', 'SCORING')"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE credit_requests DROP COLUMN scoring_asked_at")
