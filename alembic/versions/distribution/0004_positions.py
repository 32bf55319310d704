"""
Payments are split by position, so that two holders of one investment's quotas each get their part.

The position that an investment opened has the investment's id from now on: everybody who knows the one knows the
other. Until today no quotas had changed hands, so every investment has one position at most.
"""

from alembic import op

revision = "distribution_0004"
down_revision = "distribution_0003"
branch_labels = None
depends_on = None

UPGRADE = (
    "UPDATE positions SET id = investment_id",
    "DROP INDEX uq_positions_open",
    "ALTER TABLE positions DROP CONSTRAINT uq_positions_investment_id_valid_from",
    "CREATE INDEX ix_positions_investment_id ON positions (investment_id)",
    "ALTER TABLE payouts ADD COLUMN position_id uuid",
    # Payouts are facts that a trigger keeps from everybody; this adds to each what it always was about.
    "ALTER TABLE payouts DISABLE TRIGGER distribution_is_kept",
    "UPDATE payouts SET position_id = investment_id",
    "ALTER TABLE payouts ENABLE TRIGGER distribution_is_kept",
    "ALTER TABLE payouts ALTER COLUMN position_id SET NOT NULL",
    "ALTER TABLE payouts DROP CONSTRAINT uq_payouts_distribution_id_investment_id",
    "ALTER TABLE payouts ADD CONSTRAINT uq_payouts_distribution_id_position_id UNIQUE (distribution_id, position_id)",
)

DOWNGRADE = (
    "ALTER TABLE payouts DROP CONSTRAINT uq_payouts_distribution_id_position_id",
    """
    ALTER TABLE payouts ADD CONSTRAINT uq_payouts_distribution_id_investment_id UNIQUE (distribution_id, investment_id)
    """,
    "ALTER TABLE payouts DROP COLUMN position_id",
    "DROP INDEX ix_positions_investment_id",
    "ALTER TABLE positions ADD CONSTRAINT uq_positions_investment_id_valid_from UNIQUE (investment_id, valid_from)",
    "CREATE UNIQUE INDEX uq_positions_open ON positions (investment_id) WHERE valid_to IS NULL",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
