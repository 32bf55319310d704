"""
What people hold are positions, whatever brought them; the one that an investment opened has the investment's id.

A position that has ended says how, so that nobody has to ask its investment.
"""

from alembic import op

revision = "marketplace_0003"
down_revision = "marketplace_0002"
branch_labels = None
depends_on = None

UPGRADE = (
    "UPDATE quota_positions SET id = investment_id",
    "DROP INDEX uq_quota_positions_open",
    "ALTER TABLE quota_positions DROP CONSTRAINT uq_quota_positions_investment_id_valid_from",
    "CREATE INDEX ix_quota_positions_investment_id ON quota_positions (investment_id)",
    "ALTER TABLE quota_positions ADD COLUMN ended_as text",
    """
    UPDATE quota_positions SET ended_as = CASE investments.status WHEN 'SETTLED' THEN 'SETTLED' ELSE 'CANCELLED' END
    FROM investments
    WHERE investments.id = quota_positions.investment_id AND quota_positions.valid_to IS NOT NULL
    """,
    """
    ALTER TABLE quota_positions ADD CONSTRAINT ck_quota_positions_says_how_it_ended
        CHECK ((valid_to IS NULL) = (ended_as IS NULL))
    """,
    """
    ALTER TABLE quota_positions ADD CONSTRAINT ck_quota_positions_ended_as_known
        CHECK (ended_as IN ('CANCELLED', 'SETTLED'))
    """,
    # Settled ones are read with the open ones: what was financed stays so.
    "DROP INDEX ix_quota_positions_investor_id",
    "CREATE INDEX ix_quota_positions_investor_id ON quota_positions (investor_id)",
)

DOWNGRADE = (
    "DROP INDEX ix_quota_positions_investor_id",
    "CREATE INDEX ix_quota_positions_investor_id ON quota_positions (investor_id) WHERE valid_to IS NULL",
    "ALTER TABLE quota_positions DROP CONSTRAINT ck_quota_positions_ended_as_known",
    "ALTER TABLE quota_positions DROP CONSTRAINT ck_quota_positions_says_how_it_ended",
    "ALTER TABLE quota_positions DROP COLUMN ended_as",
    "DROP INDEX ix_quota_positions_investment_id",
    """
    ALTER TABLE quota_positions
        ADD CONSTRAINT uq_quota_positions_investment_id_valid_from UNIQUE (investment_id, valid_from)
    """,
    "CREATE UNIQUE INDEX uq_quota_positions_open ON quota_positions (investment_id) WHERE valid_to IS NULL",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
