"""Who holds quotas of which CPR: they are told when it is late or in default."""

from alembic import op

revision = "notifications_0002"
down_revision = "notifications_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE holdings (
            investment_id uuid NOT NULL,
            cpr_id        uuid NOT NULL,
            investor_id   uuid NOT NULL,
            ended_at      timestamptz,
            CONSTRAINT pk_holdings PRIMARY KEY (investment_id)
        )
        """
    )
    op.execute("CREATE INDEX ix_holdings_cpr_id ON holdings (cpr_id) WHERE ended_at IS NULL")


def downgrade() -> None:
    op.execute("DROP TABLE holdings")
