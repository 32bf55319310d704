"""
What quotas cost goes down with the principal that is paid back, and a CPR's installments are found without a scan.

- A bought position says what of the CPR's principal was still to come then. Those bought before do not know it (NULL).
- `ix_quota_positions_cpr_id` was read by nobody.
- From here nobody goes back past the first swap: who owns the quotas would be forgotten.
"""

from alembic import op

revision = "wallet_0016"
down_revision = "wallet_0015"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    ALTER TABLE quota_positions ADD COLUMN unpaid_principal_minor bigint
        CONSTRAINT ck_quota_positions_unpaid_principal_not_negative CHECK (unpaid_principal_minor >= 0)
    """,
    "CREATE INDEX ix_installments_cpr_id ON installments (cpr_id)",
    "DROP INDEX ix_quota_positions_cpr_id",
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM quota_swaps) THEN
            RAISE EXCEPTION 'quotas have changed hands: who holds them would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "CREATE INDEX ix_quota_positions_cpr_id ON quota_positions (cpr_id)",
    "DROP INDEX ix_installments_cpr_id",
    "ALTER TABLE quota_positions DROP COLUMN unpaid_principal_minor",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
