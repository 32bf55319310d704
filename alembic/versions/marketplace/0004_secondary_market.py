"""
The secondary market: quotas offered by their holders, and purchases of them.

What is sold of a position, and what is reserved and sold of an offer, are compared with the purchases at every commit.
"""

from alembic import op

revision = "marketplace_0004"
down_revision = "marketplace_0003"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE offerings ADD COLUMN defaulted_at timestamptz",
    "ALTER TABLE offerings ADD COLUMN default_version bigint NOT NULL DEFAULT 0",
    "ALTER TABLE quota_positions ADD COLUMN sold_quotas bigint NOT NULL DEFAULT 0",
    "ALTER TABLE quota_positions ALTER COLUMN sold_quotas DROP DEFAULT",
    """
    ALTER TABLE quota_positions ADD CONSTRAINT ck_quota_positions_never_oversold
        CHECK (sold_quotas BETWEEN 0 AND quota_count)
    """,
    "ALTER TABLE quota_positions DROP CONSTRAINT ck_quota_positions_ended_as_known",
    """
    ALTER TABLE quota_positions ADD CONSTRAINT ck_quota_positions_ended_as_known
        CHECK (ended_as IN ('CANCELLED', 'SETTLED', 'SOLD'))
    """,
    """
    ALTER TABLE quota_positions ADD CONSTRAINT ck_quota_positions_sold_out_is_sold
        CHECK ((sold_quotas = quota_count) = (coalesce(ended_as, '') = 'SOLD'))
    """,
    """
    CREATE TABLE quota_offers (
        id              uuid        NOT NULL,
        position_id     uuid        NOT NULL,
        offering_id     uuid        NOT NULL,
        cpr_id          uuid        NOT NULL,
        farmer_id       uuid        NOT NULL,
        seller_id       uuid        NOT NULL,
        quota_count     bigint      NOT NULL,
        price_minor     bigint      NOT NULL,
        reserved_quotas bigint      NOT NULL,
        sold_quotas     bigint      NOT NULL,
        status          text        NOT NULL,
        offered_at      timestamptz NOT NULL,
        ended_at        timestamptz,
        idempotency_key text        NOT NULL,
        request_digest  text        NOT NULL,
        CONSTRAINT pk_quota_offers PRIMARY KEY (id),
        CONSTRAINT fk_quota_offers_position_id_quota_positions
            FOREIGN KEY (position_id) REFERENCES quota_positions (id),
        CONSTRAINT fk_quota_offers_offering_id_offerings FOREIGN KEY (offering_id) REFERENCES offerings (id),
        CONSTRAINT uq_quota_offers_seller_id_idempotency_key UNIQUE (seller_id, idempotency_key),
        CONSTRAINT ck_quota_offers_positive CHECK (quota_count > 0 AND price_minor > 0),
        CONSTRAINT ck_quota_offers_never_oversold CHECK (
            reserved_quotas >= 0 AND sold_quotas >= 0 AND reserved_quotas + sold_quotas <= quota_count),
        CONSTRAINT ck_quota_offers_status_known CHECK (
            status IN ('OPEN', 'SOLD', 'WITHDRAWN', 'CPR_DEFAULTED', 'CPR_SETTLED')),
        CONSTRAINT ck_quota_offers_ended_at_some_time CHECK ((status = 'OPEN') = (ended_at IS NULL))
    )
    """,
    "CREATE INDEX ix_quota_offers_status_price ON quota_offers (status, price_minor, id)",
    "CREATE INDEX ix_quota_offers_position_id ON quota_offers (position_id)",
    "CREATE INDEX ix_quota_offers_cpr_id ON quota_offers (cpr_id, status)",
    "CREATE INDEX ix_quota_offers_seller_id ON quota_offers (seller_id, offered_at, id)",
    """
    CREATE TABLE quota_purchases (
        id              uuid        NOT NULL,
        offer_id        uuid        NOT NULL,
        cpr_id          uuid        NOT NULL,
        farmer_id       uuid        NOT NULL,
        seller_id       uuid        NOT NULL,
        buyer_id        uuid        NOT NULL,
        quota_count     bigint      NOT NULL,
        amount_minor    bigint      NOT NULL,
        status          text        NOT NULL,
        requested_at    timestamptz NOT NULL,
        ended_at        timestamptz,
        refusal_reason  text,
        fee_minor       bigint,
        tax_minor       bigint,
        idempotency_key text        NOT NULL,
        request_digest  text        NOT NULL,
        CONSTRAINT pk_quota_purchases PRIMARY KEY (id),
        CONSTRAINT fk_quota_purchases_offer_id_quota_offers FOREIGN KEY (offer_id) REFERENCES quota_offers (id),
        CONSTRAINT fk_quota_purchases_buyer_id_investors FOREIGN KEY (buyer_id) REFERENCES investors (user_id),
        CONSTRAINT uq_quota_purchases_buyer_id_idempotency_key UNIQUE (buyer_id, idempotency_key),
        CONSTRAINT ck_quota_purchases_positive CHECK (quota_count > 0 AND amount_minor > 0),
        CONSTRAINT ck_quota_purchases_not_ones_own CHECK (buyer_id <> seller_id AND buyer_id <> farmer_id),
        CONSTRAINT ck_quota_purchases_status_known CHECK (status IN ('PENDING', 'COMPLETED', 'REFUSED')),
        CONSTRAINT ck_quota_purchases_ended_at_some_time CHECK ((status = 'PENDING') = (ended_at IS NULL)),
        CONSTRAINT ck_quota_purchases_refused_has_reason CHECK ((status = 'REFUSED') = (refusal_reason IS NOT NULL)),
        CONSTRAINT ck_quota_purchases_completed_says_what_it_cost CHECK (
            (status = 'COMPLETED') = (fee_minor IS NOT NULL AND tax_minor IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_quota_purchases_offer_id ON quota_purchases (offer_id, status)",
    "CREATE INDEX ix_quota_purchases_buyer_id ON quota_purchases (buyer_id, requested_at, id)",
    "CREATE INDEX ix_quota_purchases_pending ON quota_purchases (cpr_id) WHERE status = 'PENDING'",
    """
    CREATE FUNCTION check_quota_offer() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        subject uuid;
        offer   quota_offers;
        counted record;
        sold    numeric;
    BEGIN
        IF TG_TABLE_NAME = 'quota_offers' THEN subject := NEW.id; ELSE subject := NEW.offer_id; END IF;
        SELECT * INTO offer FROM quota_offers WHERE id = subject;
        SELECT coalesce(sum(quota_count) FILTER (WHERE status = 'PENDING'), 0) AS reserved,
               coalesce(sum(quota_count) FILTER (WHERE status = 'COMPLETED'), 0) AS sold
          INTO counted FROM quota_purchases WHERE offer_id = subject;
        IF (offer.reserved_quotas, offer.sold_quotas) <> (counted.reserved, counted.sold) THEN
            RAISE EXCEPTION 'offer % says % reserved and % sold quotas, its purchases % and %', subject,
                offer.reserved_quotas, offer.sold_quotas, counted.reserved, counted.sold
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quota_offer_adds_up';
        END IF;
        SELECT coalesce(sum(sold_quotas), 0) INTO sold FROM quota_offers WHERE position_id = offer.position_id;
        IF sold <> (SELECT sold_quotas FROM quota_positions WHERE id = offer.position_id) THEN
            RAISE EXCEPTION 'of position % the offers have sold %', offer.position_id, sold
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quota_offer_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER quota_offer_adds_up AFTER INSERT OR UPDATE ON quota_offers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_quota_offer()
    """,
    """
    CREATE CONSTRAINT TRIGGER quota_offer_adds_up AFTER INSERT OR UPDATE ON quota_purchases
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_quota_offer()
    """,
    """
    INSERT INTO parameters (name, valid_from, value, note) VALUES
        ('discount_rate_a', '2020-01-01', 0.12, 'What a buyer of grade A is taken to want a year, after the fee.'),
        ('discount_rate_b', '2020-01-01', 0.155, 'What a buyer of grade B is taken to want a year, after the fee.'),
        ('discount_rate_c', '2020-01-01', 0.19, 'What a buyer of grade C is taken to want a year, after the fee.'),
        ('discount_rate_d', '2020-01-01', 0.23, 'What a buyer of grade D is taken to want a year, after the fee.'),
        ('discount_rate_e', '2020-01-01', 0.30, 'What a buyer of grade E is taken to want a year, after the fee.'),
        ('swap_timeout_minutes', '2020-01-01', 30,
         'A purchase of quotas that the wallet has not come to by then is refused by it.'),
        ('fresh_proof_seconds', '2020-01-01', 300,
         'Offering and buying quotas needs a password or second factor proved within five minutes, as a withdrawal.')
    """,
)

DOWNGRADE = (
    # One that waits counts as well: the wallet may have swapped it by now.
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM quota_purchases WHERE status IN ('PENDING', 'COMPLETED')) THEN
            RAISE EXCEPTION 'quotas have changed hands: without these tables nobody knows whose they are'
                USING HINT = 'Go back by restoring a backup from before the first purchase.';
        END IF;
    END $$
    """,
    "DELETE FROM parameters WHERE name IN ('swap_timeout_minutes', 'fresh_proof_seconds')",
    "DELETE FROM parameters WHERE name LIKE 'discount_rate_%'",
    "DROP TABLE quota_purchases",
    "DROP TABLE quota_offers",
    "DROP FUNCTION check_quota_offer",
    "ALTER TABLE quota_positions DROP CONSTRAINT ck_quota_positions_sold_out_is_sold",
    "ALTER TABLE quota_positions DROP CONSTRAINT ck_quota_positions_ended_as_known",
    """
    ALTER TABLE quota_positions ADD CONSTRAINT ck_quota_positions_ended_as_known
        CHECK (ended_as IN ('CANCELLED', 'SETTLED'))
    """,
    "ALTER TABLE quota_positions DROP CONSTRAINT ck_quota_positions_never_oversold",
    "ALTER TABLE quota_positions DROP COLUMN sold_quotas",
    "ALTER TABLE offerings DROP COLUMN default_version",
    "ALTER TABLE offerings DROP COLUMN defaulted_at",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
