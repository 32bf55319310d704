"""Offerings, investments, positions, and what the marketplace knows of other domains."""

from alembic import op
from subgraphs.shared.messaging.tables import create_messaging_tables, drop_messaging_tables

revision = "marketplace_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE parameters (
        name       text           NOT NULL,
        valid_from date           NOT NULL,
        value      numeric(18, 6) NOT NULL,
        note       text           NOT NULL,
        CONSTRAINT pk_parameters PRIMARY KEY (name, valid_from),
        CONSTRAINT ck_parameters_not_negative CHECK (value >= 0)
    )
    """,
    """
    CREATE TABLE investors (
        user_id     uuid        NOT NULL,
        verified_at timestamptz NOT NULL,
        CONSTRAINT pk_investors PRIMARY KEY (user_id)
    )
    """,
    """
    CREATE TABLE cancelled_cprs (
        cpr_id       uuid        NOT NULL,
        cancelled_at timestamptz NOT NULL,
        CONSTRAINT pk_cancelled_cprs PRIMARY KEY (cpr_id)
    )
    """,
    """
    CREATE TABLE offerings (
        id                 uuid           NOT NULL,
        cpr_id             uuid           NOT NULL,
        farmer_id          uuid           NOT NULL,
        crop               text           NOT NULL,
        hectares           numeric(14, 4) NOT NULL,
        region             text           NOT NULL,
        municipality       text           NOT NULL,
        families_benefited bigint         NOT NULL,
        grade              text           NOT NULL,
        principal_minor    bigint         NOT NULL,
        annual_rate        numeric        NOT NULL,
        monthly_rate       numeric        NOT NULL,
        term_months        bigint         NOT NULL,
        amortisation       text           NOT NULL,
        quota_price_minor  bigint         NOT NULL,
        quota_count        bigint         NOT NULL,
        reserved_quotas    bigint         NOT NULL,
        funded_quotas      bigint         NOT NULL,
        status             text           NOT NULL,
        opened_at          timestamptz    NOT NULL,
        closes_at          timestamptz    NOT NULL,
        decide_by          timestamptz,
        extension_count    bigint         NOT NULL,
        funded_at          timestamptz,
        disbursed_at       timestamptz,
        settled_at         timestamptz,
        cancelled_at       timestamptz,
        CONSTRAINT pk_offerings PRIMARY KEY (id),
        CONSTRAINT uq_offerings_cpr_id UNIQUE (cpr_id),
        CONSTRAINT ck_offerings_has_quotas CHECK (quota_count > 0 AND quota_price_minor > 0),
        CONSTRAINT ck_offerings_never_oversold CHECK (
            0 <= funded_quotas AND funded_quotas <= reserved_quotas AND reserved_quotas <= quota_count
        ),
        CONSTRAINT ck_offerings_funded_is_full CHECK (status <> 'FUNDED' OR funded_quotas = quota_count),
        CONSTRAINT ck_offerings_partial_is_settled CHECK (
            status <> 'CLOSED_PARTIAL' OR (funded_quotas > 0 AND reserved_quotas = funded_quotas)
        ),
        CONSTRAINT ck_offerings_cancelled_holds_nothing CHECK (status <> 'CANCELLED' OR reserved_quotas = 0),
        CONSTRAINT ck_offerings_status_known CHECK (
            status IN ('OPEN', 'EXPIRED_WAITING', 'FUNDED', 'CLOSED_PARTIAL', 'CANCELLED')
        )
    )
    """,
    "CREATE INDEX ix_offerings_status_closes_at ON offerings (status, closes_at, id)",
    "CREATE INDEX ix_offerings_farmer_id ON offerings (farmer_id)",
    """
    CREATE TABLE offering_milestones (
        offering_id uuid        NOT NULL,
        percent     bigint      NOT NULL,
        reached_at  timestamptz NOT NULL,
        CONSTRAINT pk_offering_milestones PRIMARY KEY (offering_id, percent),
        CONSTRAINT fk_offering_milestones_offering_id FOREIGN KEY (offering_id) REFERENCES offerings (id),
        CONSTRAINT ck_offering_milestones_percent_known CHECK (percent IN (50, 75, 100))
    )
    """,
    """
    CREATE TABLE offering_decisions (
        id              uuid        NOT NULL,
        offering_id     uuid        NOT NULL,
        kind            text        NOT NULL,
        decided_by      uuid        NOT NULL,
        decided_at      timestamptz NOT NULL,
        idempotency_key text        NOT NULL,
        CONSTRAINT pk_offering_decisions PRIMARY KEY (id),
        CONSTRAINT uq_offering_decisions_decided_by_idempotency_key UNIQUE (decided_by, idempotency_key),
        CONSTRAINT fk_offering_decisions_offering_id FOREIGN KEY (offering_id) REFERENCES offerings (id),
        CONSTRAINT ck_offering_decisions_kind_known CHECK (kind IN ('TAKE_PARTIAL', 'EXTEND', 'CANCEL'))
    )
    """,
    "CREATE INDEX ix_offering_decisions_offering_id ON offering_decisions (offering_id)",
    """
    CREATE TABLE investments (
        id              uuid        NOT NULL,
        offering_id     uuid        NOT NULL,
        cpr_id          uuid        NOT NULL,
        farmer_id       uuid        NOT NULL,
        investor_id     uuid        NOT NULL,
        quota_count     bigint      NOT NULL,
        amount_minor    bigint      NOT NULL,
        status          text        NOT NULL,
        requested_at    timestamptz NOT NULL,
        confirmed_at    timestamptz,
        ended_at        timestamptz,
        hold_id         uuid,
        refusal_reason  text,
        idempotency_key text        NOT NULL,
        request_digest  text        NOT NULL,
        CONSTRAINT pk_investments PRIMARY KEY (id),
        CONSTRAINT uq_investments_investor_id_idempotency_key UNIQUE (investor_id, idempotency_key),
        CONSTRAINT uq_investments_hold_id UNIQUE (hold_id),
        CONSTRAINT fk_investments_offering_id FOREIGN KEY (offering_id) REFERENCES offerings (id),
        CONSTRAINT fk_investments_investor_id FOREIGN KEY (investor_id) REFERENCES investors (user_id),
        CONSTRAINT ck_investments_positive CHECK (quota_count > 0 AND amount_minor > 0),
        CONSTRAINT ck_investments_not_in_own_cpr CHECK (investor_id <> farmer_id),
        CONSTRAINT ck_investments_status_known CHECK (
            status IN ('PENDING', 'CONFIRMED', 'ACTIVE', 'REFUSED', 'CANCELLED', 'SETTLED')
        ),
        CONSTRAINT ck_investments_confirmed_has_hold CHECK (
            status NOT IN ('CONFIRMED', 'ACTIVE', 'SETTLED', 'CANCELLED')
            OR (hold_id IS NOT NULL AND confirmed_at IS NOT NULL)
        ),
        CONSTRAINT ck_investments_refused_has_reason CHECK ((status = 'REFUSED') = (refusal_reason IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_investments_investor_id ON investments (investor_id, requested_at, id)",
    "CREATE INDEX ix_investments_offering_id ON investments (offering_id, status)",
    "CREATE INDEX ix_investments_pending ON investments (requested_at) WHERE status = 'PENDING'",
    """
    CREATE TABLE quota_positions (
        id            uuid        NOT NULL,
        investment_id uuid        NOT NULL,
        offering_id   uuid        NOT NULL,
        cpr_id        uuid        NOT NULL,
        farmer_id     uuid        NOT NULL,
        investor_id   uuid        NOT NULL,
        quota_count   bigint      NOT NULL,
        amount_minor  bigint      NOT NULL,
        valid_from    timestamptz NOT NULL,
        valid_to      timestamptz,
        CONSTRAINT pk_quota_positions PRIMARY KEY (id),
        CONSTRAINT uq_quota_positions_investment_id_valid_from UNIQUE (investment_id, valid_from),
        CONSTRAINT fk_quota_positions_investment_id FOREIGN KEY (investment_id) REFERENCES investments (id),
        CONSTRAINT fk_quota_positions_offering_id FOREIGN KEY (offering_id) REFERENCES offerings (id),
        CONSTRAINT ck_quota_positions_positive CHECK (quota_count > 0 AND amount_minor > 0),
        CONSTRAINT ck_quota_positions_ends_after_it_begins CHECK (valid_to IS NULL OR valid_to >= valid_from)
    )
    """,
    "CREATE UNIQUE INDEX uq_quota_positions_open ON quota_positions (investment_id) WHERE valid_to IS NULL",
    "CREATE INDEX ix_quota_positions_investor_id ON quota_positions (investor_id) WHERE valid_to IS NULL",
    "CREATE INDEX ix_quota_positions_cpr_id ON quota_positions (cpr_id)",
    """
    CREATE TABLE installments (
        id              uuid        NOT NULL,
        cpr_id          uuid        NOT NULL,
        number          bigint      NOT NULL,
        due_on          date        NOT NULL,
        principal_minor bigint      NOT NULL,
        interest_minor  bigint      NOT NULL,
        amount_minor    bigint      NOT NULL,
        paid_at         timestamptz,
        CONSTRAINT pk_installments PRIMARY KEY (id),
        CONSTRAINT uq_installments_cpr_id_number UNIQUE (cpr_id, number),
        CONSTRAINT ck_installments_adds_up CHECK (
            principal_minor >= 0 AND interest_minor >= 0 AND amount_minor = principal_minor + interest_minor
        )
    )
    """,
)

# The counters of an offering are what its investments add up to, whoever writes them. All changes of a transaction are
# made by the time the check runs, so once per offering and transaction is enough: without the note of what was
# checked, cancelling an offering of n investments would sum n rows n times.
CHECK_QUOTAS = """
CREATE FUNCTION check_offering_quotas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject  uuid;
    checked  text;
    counted  record;
    offering record;
BEGIN
    IF TG_TABLE_NAME = 'offerings' THEN subject := NEW.id; ELSE subject := NEW.offering_id; END IF;
    checked := pg_current_xact_id()::text || ' ' || subject::text;
    IF current_setting('peerseed.quotas_checked', true) = checked THEN
        RETURN NULL;
    END IF;
    SELECT reserved_quotas, funded_quotas INTO offering FROM offerings WHERE id = subject;
    SELECT coalesce(sum(quota_count), 0) AS reserved,
           coalesce(sum(quota_count) FILTER (WHERE status <> 'PENDING'), 0) AS funded
      INTO counted
      FROM investments
     WHERE offering_id = subject AND status IN ('PENDING', 'CONFIRMED', 'ACTIVE', 'SETTLED');
    IF offering.reserved_quotas <> counted.reserved OR offering.funded_quotas <> counted.funded THEN
        RAISE EXCEPTION 'offering % says % reserved and % funded quotas, its investments % and %', subject,
            offering.reserved_quotas, offering.funded_quotas, counted.reserved, counted.funded
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'offering_quotas_add_up';
    END IF;
    PERFORM set_config('peerseed.quotas_checked', checked, true);
    RETURN NULL;
END $$
"""
CHECK_QUOTAS_TRIGGERS = (
    """
    CREATE CONSTRAINT TRIGGER offering_quotas_add_up AFTER INSERT OR UPDATE ON offerings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_offering_quotas()
    """,
    """
    CREATE CONSTRAINT TRIGGER offering_quotas_add_up AFTER INSERT OR UPDATE ON investments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_offering_quotas()
    """,
)

# What was asked for is a fact; only what became of it may change.
KEEP_REQUEST = """
CREATE FUNCTION keep_investment_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.offering_id, OLD.cpr_id, OLD.farmer_id, OLD.investor_id, OLD.quota_count,
                            OLD.amount_minor, OLD.requested_at, OLD.idempotency_key)
        IS DISTINCT FROM (NEW.offering_id, NEW.cpr_id, NEW.farmer_id, NEW.investor_id, NEW.quota_count,
                          NEW.amount_minor, NEW.requested_at, NEW.idempotency_key) THEN
        RAISE EXCEPTION 'what investment % asked for cannot be changed', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'investment_request_is_kept';
    END IF;
    RETURN NEW;
END $$
"""
KEEP_REQUEST_TRIGGER = """
CREATE TRIGGER investment_request_is_kept BEFORE UPDATE OR DELETE ON investments
FOR EACH ROW EXECUTE FUNCTION keep_investment_request()
"""

PARAMETERS = """
INSERT INTO parameters (name, valid_from, value, note) VALUES
    ('quota_price_minor', '2020-01-01', 10000, 'One quota is R$ 100.'),
    ('offering_days', '2020-01-01', 30, 'An offering is open for this many days.'),
    ('decision_days', '2020-01-01', 7,
     'After the deadline the farmer has this many days to decide; held money may not wait for ever.'),
    ('extension_days', '2020-01-01', 15, 'An extension adds this many days from the decision.'),
    ('extension_count_max', '2020-01-01', 2, 'Investors agreed to a deadline; it may move this often.'),
    ('investment_min_minor', '2020-01-01', 10000, 'At least R$ 100 at a time.'),
    ('borrower_limit_minor', '2020-01-01', 1500000,
     'One lender may have at most R$ 15,000 in one borrower (CMN 4.656 art. 16); held and pending purchases count.'),
    ('concentration_share', '2020-01-01', 0.40,
     'More than this share of a portfolio in one CPR needs the confirmation phrase.'),
    ('concentration_portfolio_minor', '2020-01-01', 0,
     'The concentration rule applies from a portfolio of this size, the new investment included; 0: always.'),
    ('hold_timeout_minutes', '2020-01-01', 30,
     'An investment that the wallet has not answered for this long is refused and its quotas are free again.'),
    ('performance_fee_rate', '2020-01-01', 0.15,
     'Share of the interest the platform takes, for expected returns; distribution owns what is really taken.'),
    ('income_tax_rate', '2020-01-01', 0,
     'Share of the interest taxed, for expected returns: natural persons with a registered CPR are exempt (Lei '
     '11.033/2004 art. 3 V). It is open whether a quota counts as a traded CPR; distribution owns the rule.')
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES, CHECK_QUOTAS, *CHECK_QUOTAS_TRIGGERS, KEEP_REQUEST, KEEP_REQUEST_TRIGGER, PARAMETERS):
        op.execute(statement)
    create_messaging_tables(op)


def downgrade() -> None:
    drop_messaging_tables(op)
    for table in (
        "installments",
        "quota_positions",
        "investments",
        "offering_decisions",
        "offering_milestones",
        "offerings",
        "cancelled_cprs",
        "investors",
        "parameters",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION check_offering_quotas()")
    op.execute("DROP FUNCTION keep_investment_request()")
