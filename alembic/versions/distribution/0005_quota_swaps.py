"""
Quotas change hands: who held when is asked by the number of a swap, which the wallet gives under the lock that a
payment of the CPR takes as well; no clock decides.
"""

from alembic import op

revision = "distribution_0005"
down_revision = "distribution_0004"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE positions ADD COLUMN since_swap bigint NOT NULL DEFAULT 0",
    "ALTER TABLE positions ALTER COLUMN since_swap DROP DEFAULT",
    "ALTER TABLE positions ADD CONSTRAINT ck_positions_since_a_swap_or_not CHECK (since_swap >= 0)",
    """
    CREATE TABLE quota_swaps (
        id                 uuid        NOT NULL,
        cpr_id             uuid        NOT NULL,
        number             bigint      NOT NULL,
        seller_position_id uuid        NOT NULL,
        seller_id          uuid        NOT NULL,
        quota_count        bigint      NOT NULL,
        price_minor        bigint      NOT NULL,
        cost_minor         bigint      NOT NULL,
        fee_minor          bigint      NOT NULL,
        tax_minor          bigint      NOT NULL,
        swapped_at         timestamptz NOT NULL,
        CONSTRAINT pk_quota_swaps PRIMARY KEY (id),
        CONSTRAINT uq_quota_swaps_cpr_id_number UNIQUE (cpr_id, number),
        CONSTRAINT ck_quota_swaps_positive CHECK (number > 0 AND quota_count > 0 AND price_minor > 0),
        CONSTRAINT ck_quota_swaps_deductions CHECK (cost_minor >= 0 AND fee_minor >= 0 AND tax_minor >= 0)
    )
    """,
    "CREATE INDEX ix_quota_swaps_seller_position_id ON quota_swaps (seller_position_id)",
    "CREATE INDEX ix_quota_swaps_seller_id ON quota_swaps (seller_id, swapped_at)",
    "CREATE INDEX ix_payouts_position_id ON payouts (position_id, paid_at, id)",
    # A swap is the wallet's fact; here as well nobody rewrites it.
    """
    CREATE TRIGGER distribution_is_kept BEFORE UPDATE OR DELETE ON quota_swaps
    FOR EACH ROW EXECUTE FUNCTION keep_distribution_facts()
    """,
)

DOWNGRADE = (
    # Without the swaps, what was sold would be its seller's again, and be paid to them.
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM quota_swaps) THEN
            RAISE EXCEPTION 'quotas have changed hands: who holds them would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "DROP INDEX ix_payouts_position_id",
    "DROP TABLE quota_swaps",
    "ALTER TABLE positions DROP CONSTRAINT ck_positions_since_a_swap_or_not",
    "ALTER TABLE positions DROP COLUMN since_swap",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
