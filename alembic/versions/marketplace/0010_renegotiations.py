"""While a CPR is renegotiated its quotas are not traded; an agreed schedule takes the place of the one before."""

from alembic import op

revision = "marketplace_0010"
down_revision = "marketplace_0009"
branch_labels = None
depends_on = None

KNOWN = "'OPEN', 'SOLD', 'WITHDRAWN', 'CPR_DEFAULTED', 'CPR_SETTLED'"

UPGRADE = (
    """
    ALTER TABLE offerings
        ADD COLUMN renegotiation_id uuid,
        ADD COLUMN renegotiation_version bigint NOT NULL DEFAULT 0
    """,
    "ALTER TABLE installments ADD COLUMN replaced_at timestamptz",
    """
    ALTER TABLE installments ADD CONSTRAINT ck_installments_paid_or_replaced
        CHECK (paid_at IS NULL OR replaced_at IS NULL)
    """,
    "ALTER TABLE quota_offers DROP CONSTRAINT ck_quota_offers_status_known",
    f"""
    ALTER TABLE quota_offers ADD CONSTRAINT ck_quota_offers_status_known
        CHECK (status IN ({KNOWN}, 'CPR_RENEGOTIATING'))
    """,
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM installments WHERE replaced_at IS NOT NULL)
            OR EXISTS (SELECT FROM quota_offers WHERE status = 'CPR_RENEGOTIATING') THEN
            RAISE EXCEPTION 'CPRs were renegotiated: what is still to come of them would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "ALTER TABLE quota_offers DROP CONSTRAINT ck_quota_offers_status_known",
    f"ALTER TABLE quota_offers ADD CONSTRAINT ck_quota_offers_status_known CHECK (status IN ({KNOWN}))",
    "ALTER TABLE installments DROP COLUMN replaced_at",
    "ALTER TABLE offerings DROP COLUMN renegotiation_id, DROP COLUMN renegotiation_version",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
