"""
CPRs, installments, what is asked of providers, payments, dated policies.

The database holds the rules too: a CPR moves only along its way, its installments' principal sums to the CPR's
whenever a transaction commits, a schedule stands once the money is out, and an installment is paid once.
"""

from alembic import op
from subgraphs.shared.messaging.outbox import create_messaging_tables, drop_messaging_tables

revision = "contracts_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE contract_policies (
    effective_from             date NOT NULL,
    rate_conversion            text NOT NULL,
    business_day_rule          text NOT NULL,
    registration_business_days integer NOT NULL,
    due_soon_days              integer NOT NULL,
    CONSTRAINT pk_contract_policies PRIMARY KEY (effective_from),
    CONSTRAINT ck_contract_policies_rate_conversion CHECK (rate_conversion IN ('EFFECTIVE', 'NOMINAL')),
    CONSTRAINT ck_contract_policies_business_day_rule CHECK (
        business_day_rule IN ('FOLLOWING', 'PRECEDING', 'UNADJUSTED')),
    CONSTRAINT ck_contract_policies_days CHECK (registration_business_days > 0 AND due_soon_days > 0)
);
CREATE TABLE grade_rates (
    effective_from date NOT NULL,
    grade          text NOT NULL,
    annual_rate    numeric(9, 6) NOT NULL,
    CONSTRAINT pk_grade_rates PRIMARY KEY (effective_from, grade),
    CONSTRAINT fk_grade_rates_effective_from FOREIGN KEY (effective_from)
        REFERENCES contract_policies (effective_from),
    CONSTRAINT ck_grade_rates_grade CHECK (grade IN ('A', 'B', 'C', 'D', 'E')),
    CONSTRAINT ck_grade_rates_annual_rate CHECK (annual_rate > 0 AND annual_rate < 10)
);
CREATE TABLE cprs (
    id                      uuid NOT NULL,
    credit_request_id       uuid NOT NULL,
    farmer_id               uuid NOT NULL,
    status                  text NOT NULL,
    purpose                 text NOT NULL,
    crop                    text NOT NULL,
    hectares                numeric(10, 2) NOT NULL,
    region                  text NOT NULL,
    municipality            text NOT NULL,
    families_benefited      integer NOT NULL,
    grade                   text NOT NULL,
    drafted_principal_minor bigint NOT NULL,
    principal_minor         bigint NOT NULL,
    annual_rate             numeric(9, 6) NOT NULL,
    monthly_rate            numeric(15, 12) NOT NULL,
    term_months             integer NOT NULL,
    amortisation            text NOT NULL,
    business_day_rule       text NOT NULL,
    drafted_at              timestamptz NOT NULL,
    signed_at               timestamptz,
    issued_on               date,
    document                text,
    document_digest         text,
    registration_due_on     date,
    registered_at           timestamptz,
    registry                text,
    registration_number     text,
    disbursed_at            timestamptz,
    settled_at              timestamptz,
    defaulted_at            timestamptz,
    cancelled_at            timestamptz,
    cancellation_reason     text,
    CONSTRAINT pk_cprs PRIMARY KEY (id),
    CONSTRAINT uq_cprs_credit_request_id UNIQUE (credit_request_id),
    CONSTRAINT ck_cprs_status CHECK (status IN ('DRAFTED', 'SIGNING', 'SIGNED', 'REGISTERING', 'REGISTERED',
        'FUNDED', 'ACTIVE', 'SETTLED', 'DEFAULTED', 'CANCELLED')),
    CONSTRAINT ck_cprs_principal CHECK (principal_minor > 0 AND principal_minor <= drafted_principal_minor),
    CONSTRAINT ck_cprs_terms CHECK (term_months > 0 AND annual_rate > 0 AND monthly_rate > 0),
    CONSTRAINT ck_cprs_amortisation CHECK (amortisation IN ('PRICE', 'SAC', 'BULLET')),
    CONSTRAINT ck_cprs_signed CHECK (
        (signed_at IS NULL) = (issued_on IS NULL) AND (signed_at IS NULL OR document IS NOT NULL)
        AND (document IS NULL) = (document_digest IS NULL)),
    CONSTRAINT ck_cprs_registered CHECK (
        (registered_at IS NULL) = (registration_number IS NULL) AND (registered_at IS NULL) = (registry IS NULL)),
    CONSTRAINT ck_cprs_disbursed CHECK (
        status NOT IN ('ACTIVE', 'SETTLED', 'DEFAULTED') OR (disbursed_at IS NOT NULL AND registered_at IS NOT NULL)),
    CONSTRAINT ck_cprs_settled CHECK ((status = 'SETTLED') = (settled_at IS NOT NULL)),
    CONSTRAINT ck_cprs_cancelled CHECK (
        (status = 'CANCELLED') = (cancelled_at IS NOT NULL) AND (cancelled_at IS NULL) = (cancellation_reason IS NULL))
);
CREATE INDEX ix_cprs_farmer_id ON cprs (farmer_id, drafted_at, id);
CREATE INDEX ix_cprs_registration_due_on ON cprs (registration_due_on) WHERE status IN ('SIGNED', 'REGISTERING');
CREATE TABLE installments (
    id              uuid NOT NULL,
    cpr_id          uuid NOT NULL,
    number          integer NOT NULL,
    due_on          date NOT NULL,
    principal_minor bigint NOT NULL,
    interest_minor  bigint NOT NULL,
    status          text NOT NULL,
    paid_at         timestamptz,
    announced_at    timestamptz,
    CONSTRAINT pk_installments PRIMARY KEY (id),
    CONSTRAINT fk_installments_cpr_id FOREIGN KEY (cpr_id) REFERENCES cprs (id),
    CONSTRAINT uq_installments_cpr_id_number UNIQUE (cpr_id, number),
    CONSTRAINT ck_installments_number CHECK (number > 0),
    CONSTRAINT ck_installments_amounts CHECK (
        principal_minor >= 0 AND interest_minor >= 0 AND principal_minor + interest_minor > 0),
    CONSTRAINT ck_installments_status CHECK (status IN ('SCHEDULED', 'LATE', 'PAID')),
    CONSTRAINT ck_installments_paid CHECK ((status = 'PAID') = (paid_at IS NOT NULL))
);
CREATE INDEX ix_installments_due_on ON installments (due_on) WHERE status <> 'PAID';
CREATE TABLE installment_payments (
    payment_id     uuid NOT NULL,
    installment_id uuid NOT NULL,
    amount_minor   bigint NOT NULL,
    due_minor      bigint NOT NULL,
    method         text NOT NULL,
    outcome        text NOT NULL,
    confirmed_at   timestamptz NOT NULL,
    CONSTRAINT pk_installment_payments PRIMARY KEY (payment_id),
    CONSTRAINT fk_installment_payments_installment_id FOREIGN KEY (installment_id) REFERENCES installments (id),
    CONSTRAINT ck_installment_payments_amount CHECK (amount_minor > 0),
    CONSTRAINT ck_installment_payments_outcome CHECK (
        (outcome = 'EXACT' AND amount_minor = due_minor) OR (outcome = 'ABOVE' AND amount_minor > due_minor)
        OR (outcome = 'BELOW' AND amount_minor < due_minor) OR outcome = 'REPEATED')
);
CREATE UNIQUE INDEX uq_installment_payments_one_pays ON installment_payments (installment_id)
    WHERE outcome IN ('EXACT', 'ABOVE');
CREATE TABLE provider_orders (
    id           uuid NOT NULL,
    cpr_id       uuid NOT NULL,
    party        text NOT NULL,
    status       text NOT NULL,
    requested_at timestamptz NOT NULL,
    asked_at     timestamptz,
    attempts     integer NOT NULL,
    answered_at  timestamptz,
    answer       jsonb,
    CONSTRAINT pk_provider_orders PRIMARY KEY (id),
    CONSTRAINT fk_provider_orders_cpr_id FOREIGN KEY (cpr_id) REFERENCES cprs (id),
    CONSTRAINT ck_provider_orders_party CHECK (party IN ('SIGNATURE', 'REGISTRY')),
    CONSTRAINT ck_provider_orders_status CHECK (status IN ('REQUESTED', 'COMPLETED', 'REFUSED')),
    CONSTRAINT ck_provider_orders_answered CHECK ((status = 'REQUESTED') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX uq_provider_orders_one_open ON provider_orders (cpr_id, party) WHERE status = 'REQUESTED';
CREATE TABLE webhook_receipts (
    party       text NOT NULL,
    event_id    text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT pk_webhook_receipts PRIMARY KEY (party, event_id)
);
CREATE TABLE signers (
    user_id   uuid NOT NULL,
    full_name text,
    cpf       text,
    CONSTRAINT pk_signers PRIMARY KEY (user_id)
)
"""

CPR_MOVES = """
CREATE FUNCTION cpr_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('DRAFTED', 'SIGNING'), ('SIGNING', 'SIGNED'), ('SIGNING', 'DRAFTED'),
        ('SIGNED', 'REGISTERING'), ('REGISTERING', 'REGISTERED'),
        ('REGISTERED', 'FUNDED'), ('REGISTERED', 'ACTIVE'), ('FUNDED', 'ACTIVE'),
        ('ACTIVE', 'SETTLED'), ('ACTIVE', 'DEFAULTED'), ('DEFAULTED', 'ACTIVE'), ('DEFAULTED', 'SETTLED'),
        ('DRAFTED', 'CANCELLED'), ('SIGNING', 'CANCELLED'), ('SIGNED', 'CANCELLED'), ('REGISTERING', 'CANCELLED'),
        ('REGISTERED', 'CANCELLED'), ('FUNDED', 'CANCELLED')
    ) THEN
        RAISE EXCEPTION 'a CPR cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.credit_request_id, NEW.farmer_id, NEW.drafted_principal_minor, NEW.annual_rate, NEW.monthly_rate,
        NEW.term_months, NEW.amortisation)
        IS DISTINCT FROM (OLD.credit_request_id, OLD.farmer_id, OLD.drafted_principal_minor, OLD.annual_rate,
        OLD.monthly_rate, OLD.term_months, OLD.amortisation) THEN
        RAISE EXCEPTION 'the terms of a CPR are not changed' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.disbursed_at IS NOT NULL AND NEW.principal_minor <> OLD.principal_minor THEN
        RAISE EXCEPTION 'the principal of a disbursed CPR is not changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

INSTALLMENT_MOVES = """
CREATE FUNCTION installment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    disbursed boolean := (SELECT disbursed_at IS NOT NULL FROM cprs WHERE id = OLD.cpr_id);
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'installments are not deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF disbursed AND (NEW.cpr_id, NEW.number, NEW.due_on, NEW.principal_minor, NEW.interest_minor)
        IS DISTINCT FROM (OLD.cpr_id, OLD.number, OLD.due_on, OLD.principal_minor, OLD.interest_minor) THEN
        RAISE EXCEPTION 'the schedule of a disbursed CPR is not changed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> OLD.status AND (NOT disbursed OR (OLD.status, NEW.status) NOT IN (
        ('SCHEDULED', 'LATE'), ('SCHEDULED', 'PAID'), ('LATE', 'PAID')
    )) THEN
        RAISE EXCEPTION 'an installment cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

SCHEDULE_SUMS = """
CREATE FUNCTION schedule_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target  uuid;
    owed    bigint;
    planned bigint;
BEGIN
    IF TG_TABLE_NAME = 'cprs' THEN target := NEW.id; ELSE target := NEW.cpr_id; END IF;
    SELECT principal_minor INTO owed FROM cprs WHERE id = target;
    SELECT coalesce(sum(principal_minor), 0) INTO planned FROM installments WHERE cpr_id = target;
    IF owed <> planned THEN
        RAISE EXCEPTION 'the installments of CPR % repay % of %', target, planned, owed
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are facts: they are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation';
END $$
"""

TRIGGERS = """
CREATE TRIGGER cpr_moves BEFORE UPDATE ON cprs FOR EACH ROW EXECUTE FUNCTION cpr_moves();
CREATE TRIGGER installment_moves BEFORE UPDATE OR DELETE ON installments
    FOR EACH ROW EXECUTE FUNCTION installment_moves();
CREATE CONSTRAINT TRIGGER cpr_schedule_sums AFTER INSERT OR UPDATE OF principal_minor ON cprs
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedule_sums();
CREATE CONSTRAINT TRIGGER installment_schedule_sums AFTER INSERT OR UPDATE OF principal_minor, cpr_id ON installments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedule_sums();
CREATE TRIGGER installment_payments_are_facts BEFORE UPDATE OR DELETE ON installment_payments
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""

POLICY = """
INSERT INTO contract_policies VALUES ('2026-01-01', 'EFFECTIVE', 'FOLLOWING', 30, 3);
INSERT INTO grade_rates VALUES
    ('2026-01-01', 'A', 0.14), ('2026-01-01', 'B', 0.18), ('2026-01-01', 'C', 0.22), ('2026-01-01', 'D', 0.27)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for function in (CPR_MOVES, INSTALLMENT_MOVES, SCHEDULE_SUMS, REFUSE_CHANGE):
        op.execute(function)
    for statement in (*TRIGGERS.split(";\n"), *POLICY.split(";\n")):
        op.execute(statement)
    create_messaging_tables(op)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_messaging_tables(op)
    for table in (
        "signers", "webhook_receipts", "provider_orders", "installment_payments", "installments", "cprs",
        "grade_rates", "contract_policies",
    ):  # fmt: skip
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION cpr_moves(), installment_moves(), schedule_sums(), refuse_change()")
