"""
A page of quota offers is read from an index in its order; and what adds up is compared in one statement.

At READ COMMITTED each statement sees what is committed when it begins: of two, the second could see a sale that the
first did not, and refuse what was right. Refused purchases, of which there may be any number, are read no more.
"""

from alembic import op

revision = "marketplace_0006"
down_revision = "marketplace_0005"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    CREATE OR REPLACE FUNCTION check_quota_offer() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        subject uuid;
        kept    record;
    BEGIN
        IF TG_TABLE_NAME = 'quota_offers' THEN subject := NEW.id; ELSE subject := NEW.offer_id; END IF;
        SELECT offer.reserved_quotas, offer.sold_quotas, offer.position_id,
               bought.reserved AS reserved_by_purchases, bought.sold AS sold_by_purchases,
               held.sold_quotas AS sold_of_position,
               (SELECT sum(each.sold_quotas) FROM quota_offers AS each WHERE each.position_id = held.id)
                   AS sold_by_offers
          INTO kept
          FROM quota_offers AS offer
          JOIN quota_positions AS held ON held.id = offer.position_id
         CROSS JOIN LATERAL (
               SELECT coalesce(sum(quota_count) FILTER (WHERE status = 'PENDING'), 0) AS reserved,
                      coalesce(sum(quota_count) FILTER (WHERE status = 'COMPLETED'), 0) AS sold
                 FROM quota_purchases
                WHERE offer_id = offer.id AND status IN ('PENDING', 'COMPLETED')) AS bought
         WHERE offer.id = subject;
        IF (kept.reserved_quotas, kept.sold_quotas) <> (kept.reserved_by_purchases, kept.sold_by_purchases) THEN
            RAISE EXCEPTION 'offer % says % reserved and % sold quotas, its purchases % and %', subject,
                kept.reserved_quotas, kept.sold_quotas, kept.reserved_by_purchases, kept.sold_by_purchases
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quota_offer_adds_up';
        END IF;
        IF kept.sold_by_offers <> kept.sold_of_position THEN
            RAISE EXCEPTION 'of position % the offers have sold %', kept.position_id, kept.sold_by_offers
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quota_offer_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """,
    "ALTER TABLE quota_offers ADD COLUMN annual_rate numeric",
    # A table whose constraints wait for the commit cannot be altered.
    "SET CONSTRAINTS quota_offer_adds_up IMMEDIATE",
    """
    UPDATE quota_offers SET annual_rate = offerings.annual_rate
    FROM offerings WHERE offerings.id = quota_offers.offering_id
    """,
    "SET CONSTRAINTS quota_offer_adds_up DEFERRED",
    "ALTER TABLE quota_offers ALTER COLUMN annual_rate SET NOT NULL",
    "CREATE INDEX ix_quota_offers_status_offered_at ON quota_offers (status, offered_at, id)",
    "CREATE INDEX ix_quota_offers_status_annual_rate ON quota_offers (status, annual_rate, id)",
)

DOWNGRADE = (
    # The function stays: it asks for nothing that the revision before has not.
    "DROP INDEX ix_quota_offers_status_annual_rate",
    "DROP INDEX ix_quota_offers_status_offered_at",
    "ALTER TABLE quota_offers DROP COLUMN annual_rate",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
