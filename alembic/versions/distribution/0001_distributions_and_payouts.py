"""Distributions and payouts, the holders and installments they need, fees and taxes."""

from alembic import op
from subgraphs.shared.messaging.tables import create_messaging_tables, drop_messaging_tables

revision = "distribution_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE performance_fees (
        valid_from date          NOT NULL,
        rate       numeric(6, 4) NOT NULL,
        note       text          NOT NULL,
        CONSTRAINT pk_performance_fees PRIMARY KEY (valid_from),
        CONSTRAINT ck_performance_fees_within_agreed_range CHECK (rate BETWEEN 0.15 AND 0.20)
    )
    """,
    """
    CREATE TABLE tax_rules (
        person     text NOT NULL,
        instrument text NOT NULL,
        valid_from date NOT NULL,
        treatment  text NOT NULL,
        base       text NOT NULL,
        note       text NOT NULL,
        CONSTRAINT pk_tax_rules PRIMARY KEY (person, instrument, valid_from),
        CONSTRAINT ck_tax_rules_person_known CHECK (person IN ('NATURAL', 'LEGAL')),
        CONSTRAINT ck_tax_rules_instrument_known CHECK (instrument IN ('REGISTERED_CPR', 'OTHER_CREDIT')),
        CONSTRAINT ck_tax_rules_treatment_known CHECK (treatment IN ('EXEMPT', 'REGRESSIVE')),
        CONSTRAINT ck_tax_rules_base_known CHECK (base IN ('INTEREST', 'INTEREST_LESS_FEE'))
    )
    """,
    """
    CREATE TABLE tax_brackets (
        valid_from date          NOT NULL,
        days_from  bigint        NOT NULL,
        rate       numeric(6, 4) NOT NULL,
        CONSTRAINT pk_tax_brackets PRIMARY KEY (valid_from, days_from),
        CONSTRAINT ck_tax_brackets_sensible CHECK (rate >= 0 AND rate < 1 AND days_from >= 0)
    )
    """,
    """
    CREATE TABLE fundings (
        cpr_id           uuid        NOT NULL,
        offering_id      uuid        NOT NULL,
        farmer_id        uuid        NOT NULL,
        grade            text        NOT NULL,
        principal_minor  bigint      NOT NULL,
        quota_count      bigint      NOT NULL,
        investment_count bigint      NOT NULL,
        funded_at        timestamptz NOT NULL,
        CONSTRAINT pk_fundings PRIMARY KEY (cpr_id),
        CONSTRAINT uq_fundings_offering_id UNIQUE (offering_id),
        CONSTRAINT ck_fundings_positive CHECK (quota_count > 0 AND principal_minor > 0)
    )
    """,
    """
    CREATE TABLE positions (
        id            uuid        NOT NULL,
        investment_id uuid        NOT NULL,
        cpr_id        uuid        NOT NULL,
        investor_id   uuid        NOT NULL,
        person        text        NOT NULL,
        instrument    text        NOT NULL,
        quota_count   bigint      NOT NULL,
        amount_minor  bigint      NOT NULL,
        acquired_at   timestamptz NOT NULL,
        valid_from    timestamptz NOT NULL,
        valid_to      timestamptz,
        CONSTRAINT pk_positions PRIMARY KEY (id),
        CONSTRAINT uq_positions_investment_id_valid_from UNIQUE (investment_id, valid_from),
        CONSTRAINT ck_positions_positive CHECK (quota_count > 0 AND amount_minor > 0),
        CONSTRAINT ck_positions_ends_after_it_begins CHECK (valid_to IS NULL OR valid_to >= valid_from),
        CONSTRAINT ck_positions_acquired_before CHECK (acquired_at <= valid_from)
    )
    """,
    "CREATE UNIQUE INDEX uq_positions_open ON positions (investment_id) WHERE valid_to IS NULL",
    "CREATE INDEX ix_positions_cpr_id ON positions (cpr_id, valid_from)",
    "CREATE INDEX ix_positions_investor_id ON positions (investor_id, cpr_id)",
    """
    CREATE TABLE cancelled_investments (
        investment_id uuid        NOT NULL,
        cancelled_at  timestamptz NOT NULL,
        CONSTRAINT pk_cancelled_investments PRIMARY KEY (investment_id)
    )
    """,
    """
    CREATE TABLE installments (
        id              uuid   NOT NULL,
        cpr_id          uuid   NOT NULL,
        number          bigint NOT NULL,
        due_on          date   NOT NULL,
        principal_minor bigint NOT NULL,
        interest_minor  bigint NOT NULL,
        amount_minor    bigint NOT NULL,
        CONSTRAINT pk_installments PRIMARY KEY (id),
        CONSTRAINT uq_installments_cpr_id_number UNIQUE (cpr_id, number),
        CONSTRAINT ck_installments_adds_up CHECK (
            principal_minor >= 0 AND interest_minor >= 0 AND amount_minor = principal_minor + interest_minor
        )
    )
    """,
    """
    CREATE TABLE distributions (
        id                uuid        NOT NULL,
        payment_id        uuid        NOT NULL,
        installment_id    uuid        NOT NULL,
        cpr_id            uuid        NOT NULL,
        farmer_id         uuid        NOT NULL,
        paid_at           timestamptz NOT NULL,
        distributed_at    timestamptz NOT NULL,
        total_minor       bigint      NOT NULL,
        principal_minor   bigint      NOT NULL,
        interest_minor    bigint      NOT NULL,
        late_charge_minor bigint      NOT NULL,
        fee_minor         bigint      NOT NULL,
        tax_minor         bigint      NOT NULL,
        net_minor         bigint      NOT NULL,
        quota_count       bigint      NOT NULL,
        payout_count      bigint      NOT NULL,
        CONSTRAINT pk_distributions PRIMARY KEY (id),
        CONSTRAINT uq_distributions_payment_id UNIQUE (payment_id),
        CONSTRAINT uq_distributions_installment_id UNIQUE (installment_id),
        CONSTRAINT fk_distributions_installment_id FOREIGN KEY (installment_id) REFERENCES installments (id),
        CONSTRAINT ck_distributions_positive CHECK (total_minor > 0 AND principal_minor >= 0 AND interest_minor >= 0),
        CONSTRAINT ck_distributions_principal_and_interest CHECK (total_minor = principal_minor + interest_minor),
        CONSTRAINT ck_distributions_net_fee_and_tax CHECK (total_minor = net_minor + fee_minor + tax_minor),
        CONSTRAINT ck_distributions_late_charge_is_interest CHECK (late_charge_minor BETWEEN 0 AND interest_minor)
    )
    """,
    "CREATE INDEX ix_distributions_cpr_id ON distributions (cpr_id, paid_at, id)",
    """
    CREATE TABLE payouts (
        id              uuid          NOT NULL,
        distribution_id uuid          NOT NULL,
        installment_id  uuid          NOT NULL,
        cpr_id          uuid          NOT NULL,
        investment_id   uuid          NOT NULL,
        investor_id     uuid          NOT NULL,
        quota_count     bigint        NOT NULL,
        principal_minor bigint        NOT NULL,
        interest_minor  bigint        NOT NULL,
        gross_minor     bigint        NOT NULL,
        fee_minor       bigint        NOT NULL,
        tax_minor       bigint        NOT NULL,
        net_minor       bigint        NOT NULL,
        fee_rate        numeric(6, 4) NOT NULL,
        tax_rate        numeric(6, 4) NOT NULL,
        tax_treatment   text          NOT NULL,
        held_days       bigint        NOT NULL,
        paid_at         timestamptz   NOT NULL,
        status          text          NOT NULL,
        credited_at     timestamptz,
        CONSTRAINT pk_payouts PRIMARY KEY (id),
        CONSTRAINT uq_payouts_distribution_id_investment_id UNIQUE (distribution_id, investment_id),
        CONSTRAINT fk_payouts_distribution_id FOREIGN KEY (distribution_id) REFERENCES distributions (id),
        CONSTRAINT ck_payouts_positive CHECK (principal_minor >= 0 AND interest_minor >= 0),
        CONSTRAINT ck_payouts_deductions_positive CHECK (fee_minor >= 0 AND tax_minor >= 0),
        CONSTRAINT ck_payouts_gross_adds_up CHECK (gross_minor = principal_minor + interest_minor),
        CONSTRAINT ck_payouts_net_adds_up CHECK (net_minor = gross_minor - fee_minor - tax_minor),
        CONSTRAINT ck_payouts_only_interest_is_reduced CHECK (fee_minor + tax_minor <= interest_minor),
        CONSTRAINT ck_payouts_status_known CHECK (status IN ('PENDING', 'CREDITED')),
        CONSTRAINT ck_payouts_credited_at_some_time CHECK ((status = 'CREDITED') = (credited_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_payouts_investor_id ON payouts (investor_id, paid_at, id)",
    "CREATE INDEX ix_payouts_investment_id ON payouts (investment_id, paid_at, id)",
    """
    CREATE TABLE undistributed_payments (
        payment_id     uuid        NOT NULL,
        installment_id uuid        NOT NULL,
        cpr_id         uuid        NOT NULL,
        farmer_id      uuid        NOT NULL,
        amount_minor   bigint      NOT NULL,
        paid_at        timestamptz NOT NULL,
        received_at    timestamptz NOT NULL,
        CONSTRAINT pk_undistributed_payments PRIMARY KEY (payment_id)
    )
    """,
    "CREATE INDEX ix_undistributed_payments_received_at ON undistributed_payments (received_at, payment_id)",
)

# What is paid out of a payment is the payment, to the cent. The rows of a transaction are all there when the check
# runs, so once per distribution and transaction is enough.
CHECK_CONSERVATION = """
CREATE FUNCTION check_distribution_conserves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject uuid;
    checked text;
    whole   record;
    parts   record;
BEGIN
    IF TG_TABLE_NAME = 'distributions' THEN subject := NEW.id; ELSE subject := NEW.distribution_id; END IF;
    checked := pg_current_xact_id()::text || ' ' || subject::text;
    IF current_setting('peerseed.distribution_checked', true) = checked THEN
        RETURN NULL;
    END IF;
    SELECT total_minor, principal_minor, interest_minor, fee_minor, tax_minor, net_minor, quota_count, payout_count
      INTO whole FROM distributions WHERE id = subject;
    SELECT coalesce(sum(gross_minor), 0) AS total, coalesce(sum(principal_minor), 0) AS principal,
           coalesce(sum(interest_minor), 0) AS interest, coalesce(sum(fee_minor), 0) AS fee,
           coalesce(sum(tax_minor), 0) AS tax, coalesce(sum(net_minor), 0) AS net,
           coalesce(sum(quota_count), 0) AS quotas, count(*) AS payouts
      INTO parts FROM payouts WHERE distribution_id = subject;
    IF (whole.total_minor, whole.principal_minor, whole.interest_minor, whole.fee_minor, whole.tax_minor,
        whole.net_minor, whole.quota_count, whole.payout_count)
       <> (parts.total, parts.principal, parts.interest, parts.fee, parts.tax, parts.net, parts.quotas, parts.payouts)
    THEN
        RAISE EXCEPTION 'the payouts of distribution % are % and not %', subject, parts, whole
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'distribution_conserves';
    END IF;
    PERFORM set_config('peerseed.distribution_checked', checked, true);
    RETURN NULL;
END $$
"""
CHECK_CONSERVATION_TRIGGERS = (
    """
    CREATE CONSTRAINT TRIGGER distribution_conserves AFTER INSERT ON distributions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_distribution_conserves()
    """,
    """
    CREATE CONSTRAINT TRIGGER distribution_conserves AFTER INSERT ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_distribution_conserves()
    """,
)

KEEP_FACTS = """
CREATE FUNCTION keep_distribution_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'payouts' THEN
        IF OLD.status = 'PENDING' AND NEW.status = 'CREDITED'
           AND to_jsonb(OLD) - 'status' - 'credited_at' = to_jsonb(NEW) - 'status' - 'credited_at' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % is a fact: answer it with a new one', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'distribution_is_kept';
END $$
"""
KEEP_FACTS_TRIGGERS = (
    """
    CREATE TRIGGER distribution_is_kept BEFORE UPDATE OR DELETE ON distributions
    FOR EACH ROW EXECUTE FUNCTION keep_distribution_facts()
    """,
    """
    CREATE TRIGGER distribution_is_kept BEFORE UPDATE OR DELETE ON payouts
    FOR EACH ROW EXECUTE FUNCTION keep_distribution_facts()
    """,
)

TERMS = (
    """
    INSERT INTO performance_fees (valid_from, rate, note) VALUES
        ('2020-01-01', 0.15, 'The agreed range is 15 to 20 % of the interest; a position keeps the rate of its day.')
    """,
    """
    INSERT INTO tax_brackets (valid_from, days_from, rate) VALUES
        ('2020-01-01', 0, 0.225), ('2020-01-01', 181, 0.20), ('2020-01-01', 361, 0.175), ('2020-01-01', 721, 0.15)
    """,
    """
    INSERT INTO tax_rules (person, instrument, valid_from, treatment, base, note) VALUES
        ('NATURAL', 'REGISTERED_CPR', '2020-01-01', 'EXEMPT', 'INTEREST',
         'Lei 11.033/2004 art. 3 V exempts natural persons from income tax on a financial CPR traded in the financial '
         'market. Doubt: whether a quota of a registered CPR bought on the platform counts as traded.'),
        ('LEGAL', 'REGISTERED_CPR', '2020-01-01', 'REGRESSIVE', 'INTEREST',
         'Lei 11.033/2004 art. 1. Doubt: whether the platform''s fee lowers the yield that is taxed.'),
        ('NATURAL', 'OTHER_CREDIT', '2020-01-01', 'REGRESSIVE', 'INTEREST',
         'Lei 11.033/2004 art. 1. Doubt: whether the platform''s fee lowers the yield that is taxed.'),
        ('LEGAL', 'OTHER_CREDIT', '2020-01-01', 'REGRESSIVE', 'INTEREST',
         'Lei 11.033/2004 art. 1. Doubt: whether the platform''s fee lowers the yield that is taxed.')
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    checks = (CHECK_CONSERVATION, *CHECK_CONSERVATION_TRIGGERS, KEEP_FACTS, *KEEP_FACTS_TRIGGERS)
    for statement in (*TABLES, *checks, *TERMS):
        op.execute(statement)
    create_messaging_tables(op)


def downgrade() -> None:
    drop_messaging_tables(op)
    for table in (
        "undistributed_payments",
        "payouts",
        "distributions",
        "installments",
        "cancelled_investments",
        "positions",
        "fundings",
        "tax_brackets",
        "tax_rules",
        "performance_fees",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION check_distribution_conserves()")
    op.execute("DROP FUNCTION keep_distribution_facts()")
