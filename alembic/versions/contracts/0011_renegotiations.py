"""
A CPR that is late may be renegotiated: a proposal, the farmer's answer, the holders' votes, and a schedule beside the
one before.

An installment that a new schedule takes the place of is REPLACED: what was paid of it stays paid, and no more is owed
of it. The database keeps that the principal of what is owed and what was paid back are the CPR's at every commit, that
a proposal stays as it was made, and that a vote is given once.
"""

from alembic import op

revision = "contracts_0011"
down_revision = "contracts_0010"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    CREATE TABLE renegotiation_policies (
        effective_from      date NOT NULL,
        late_days_min       integer NOT NULL,
        term_months_max     integer NOT NULL,
        annual_rate_min     numeric(9, 6) NOT NULL,
        late_discount_max   numeric(9, 6) NOT NULL,
        answer_days         integer NOT NULL,
        consent_days        integer NOT NULL,
        consent_share       numeric(9, 6) NOT NULL,
        silence             text NOT NULL,
        fresh_proof_seconds integer NOT NULL,
        doubt               text NOT NULL,
        CONSTRAINT pk_renegotiation_policies PRIMARY KEY (effective_from),
        CONSTRAINT ck_renegotiation_policies_limits CHECK (
            late_days_min > 0 AND term_months_max BETWEEN 1 AND 600 AND annual_rate_min BETWEEN 0 AND 1
            AND late_discount_max BETWEEN 0 AND 1 AND fresh_proof_seconds > 0),
        -- The first installment of the new schedule is due a month after the proposal: by then all must be decided.
        CONSTRAINT ck_renegotiation_policies_in_time CHECK (
            answer_days > 0 AND consent_days > 0 AND answer_days + consent_days <= 25),
        CONSTRAINT ck_renegotiation_policies_consent CHECK (
            consent_share >= 0 AND consent_share < 1 AND silence IN ('REFUSES', 'CONSENTS', 'NOT_COUNTED'))
    )
    """,
    """
    INSERT INTO renegotiation_policies VALUES
        ('2026-01-01', 1, 60, 0.06, 1, 7, 10, 0.5, 'REFUSES', 300,
         'Neither Lei 8.929/1994 nor CMN 5.050/2022 says how many of the lenders of one CPR bind the others. More than '
         'half of all quotas is what debenture holders may agree at the least (Lei 6.404/1976, art. 71 § 5); who is '
         'silent is counted as against.')
    """,
    """
    CREATE TABLE renegotiations (
        id               uuid NOT NULL,
        cpr_id           uuid NOT NULL,
        farmer_id        uuid NOT NULL,
        status           text NOT NULL,
        proposed_by      uuid NOT NULL,
        proposed_at      timestamptz NOT NULL,
        reason           text NOT NULL,
        starts_on        date NOT NULL,
        principal_minor  bigint NOT NULL,
        interest_minor   bigint NOT NULL,
        late_minor       bigint NOT NULL,
        waived_minor     bigint NOT NULL,
        annual_rate      numeric(9, 6) NOT NULL,
        monthly_rate     numeric(15, 12) NOT NULL,
        term_months      integer NOT NULL,
        amortisation     text NOT NULL,
        payment_count    integer NOT NULL,
        answer_until     timestamptz NOT NULL,
        consent_days     integer NOT NULL,
        consent_share    numeric(9, 6) NOT NULL,
        silence          text NOT NULL,
        answered_at      timestamptz,
        quota_count      bigint,
        consent_until    timestamptz,
        ended_at         timestamptz,
        schedule_version integer,
        CONSTRAINT pk_renegotiations PRIMARY KEY (id),
        CONSTRAINT fk_renegotiations_cpr_id FOREIGN KEY (cpr_id) REFERENCES cprs (id),
        CONSTRAINT uq_renegotiations_cpr_id_schedule_version UNIQUE (cpr_id, schedule_version),
        CONSTRAINT ck_renegotiations_status CHECK (status IN ('PROPOSED', 'VOTING', 'CONSENTED', 'IN_FORCE', 'REFUSED',
            'WITHDRAWN', 'EXPIRED', 'REJECTED', 'OVERTAKEN')),
        CONSTRAINT ck_renegotiations_debt CHECK (
            principal_minor >= 0 AND interest_minor >= 0 AND late_minor >= 0 AND waived_minor BETWEEN 0 AND late_minor
            AND principal_minor + interest_minor + late_minor - waived_minor > 0),
        CONSTRAINT ck_renegotiations_terms CHECK (
            term_months > 0 AND annual_rate >= 0 AND monthly_rate >= 0 AND amortisation IN ('PRICE', 'SAC', 'BULLET')),
        CONSTRAINT ck_renegotiations_ended CHECK (
            (status IN ('PROPOSED', 'VOTING', 'CONSENTED')) = (ended_at IS NULL)
            AND (status = 'IN_FORCE') = (schedule_version IS NOT NULL)),
        CONSTRAINT ck_renegotiations_answered CHECK (
            status IN ('PROPOSED', 'WITHDRAWN', 'EXPIRED', 'OVERTAKEN') OR answered_at IS NOT NULL),
        CONSTRAINT ck_renegotiations_voted CHECK (
            status NOT IN ('CONSENTED', 'IN_FORCE', 'REJECTED') OR consent_until IS NOT NULL),
        CONSTRAINT ck_renegotiations_quotas CHECK (quota_count > 0)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_renegotiations_one_open ON renegotiations (cpr_id)
        WHERE status IN ('PROPOSED', 'VOTING', 'CONSENTED')
    """,
    "CREATE INDEX ix_renegotiations_cpr_id ON renegotiations (cpr_id, proposed_at)",
    """
    CREATE TABLE renegotiated_installments (
        id               uuid NOT NULL,
        renegotiation_id uuid NOT NULL,
        number           integer NOT NULL,
        starts_on        date NOT NULL,
        due_on           date NOT NULL,
        principal_minor  bigint NOT NULL,
        interest_minor   bigint NOT NULL,
        carried_minor    bigint NOT NULL,
        CONSTRAINT pk_renegotiated_installments PRIMARY KEY (id),
        CONSTRAINT fk_renegotiated_installments_renegotiation_id FOREIGN KEY (renegotiation_id)
            REFERENCES renegotiations (id),
        CONSTRAINT uq_renegotiated_installments_renegotiation_id_number UNIQUE (renegotiation_id, number),
        CONSTRAINT ck_renegotiated_installments_amounts CHECK (
            principal_minor >= 0 AND interest_minor >= 0 AND principal_minor + interest_minor > 0
            AND carried_minor BETWEEN 0 AND interest_minor AND due_on > starts_on)
    )
    """,
    """
    CREATE TABLE renegotiation_voters (
        renegotiation_id uuid NOT NULL,
        investor_id      uuid NOT NULL,
        quota_count      bigint NOT NULL,
        consents         boolean,
        voted_at         timestamptz,
        CONSTRAINT pk_renegotiation_voters PRIMARY KEY (renegotiation_id, investor_id),
        CONSTRAINT fk_renegotiation_voters_renegotiation_id FOREIGN KEY (renegotiation_id)
            REFERENCES renegotiations (id),
        CONSTRAINT ck_renegotiation_voters_quotas CHECK (quota_count > 0),
        CONSTRAINT ck_renegotiation_voters_voted CHECK ((consents IS NULL) = (voted_at IS NULL))
    )
    """,
    "CREATE INDEX ix_renegotiation_voters_investor_id ON renegotiation_voters (investor_id)",
    """
    ALTER TABLE installments
        ADD COLUMN schedule_version integer NOT NULL DEFAULT 1,
        ADD COLUMN carried_minor bigint NOT NULL DEFAULT 0
    """,
    """
    ALTER TABLE installments
        ALTER COLUMN schedule_version DROP DEFAULT,
        ALTER COLUMN carried_minor DROP DEFAULT,
        ADD CONSTRAINT ck_installments_schedule_version CHECK (schedule_version > 0),
        ADD CONSTRAINT ck_installments_carried CHECK (carried_minor BETWEEN 0 AND interest_minor),
        DROP CONSTRAINT ck_installments_status
    """,
    """
    ALTER TABLE installments ADD CONSTRAINT ck_installments_status
        CHECK (status IN ('SCHEDULED', 'LATE', 'PAID', 'REPLACED'))
    """,
    """
    CREATE FUNCTION renegotiation_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'renegotiations are not deleted' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
            ('PROPOSED', 'VOTING'), ('PROPOSED', 'REFUSED'), ('PROPOSED', 'WITHDRAWN'), ('PROPOSED', 'EXPIRED'),
            ('PROPOSED', 'OVERTAKEN'), ('VOTING', 'CONSENTED'), ('VOTING', 'WITHDRAWN'), ('VOTING', 'REJECTED'),
            ('VOTING', 'OVERTAKEN'), ('CONSENTED', 'IN_FORCE'), ('CONSENTED', 'OVERTAKEN')
        ) THEN
            RAISE EXCEPTION 'a renegotiation cannot go from % to %', OLD.status, NEW.status
                USING ERRCODE = 'check_violation';
        END IF;
        IF to_jsonb(OLD) - ARRAY['status', 'answered_at', 'quota_count', 'consent_until', 'ended_at',
                'schedule_version'] <> to_jsonb(NEW) - ARRAY['status', 'answered_at', 'quota_count', 'consent_until',
                'ended_at', 'schedule_version']
            OR (OLD.answered_at IS NOT NULL AND NEW.answered_at IS DISTINCT FROM OLD.answered_at)
            OR (OLD.quota_count IS NOT NULL AND NEW.quota_count IS DISTINCT FROM OLD.quota_count)
            OR (OLD.consent_until IS NOT NULL AND NEW.consent_until IS DISTINCT FROM OLD.consent_until) THEN
            RAISE EXCEPTION 'what was proposed stays as it was' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER renegotiation_moves BEFORE UPDATE OR DELETE ON renegotiations
        FOR EACH ROW EXECUTE FUNCTION renegotiation_moves()
    """,
    """
    CREATE TRIGGER renegotiated_installments_are_facts BEFORE UPDATE OR DELETE ON renegotiated_installments
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER votes_are_facts BEFORE UPDATE ON renegotiation_voters FOR EACH ROW
        WHEN (OLD.consents IS NOT NULL OR (NEW.renegotiation_id, NEW.investor_id, NEW.quota_count)
            IS DISTINCT FROM (OLD.renegotiation_id, OLD.investor_id, OLD.quota_count))
        EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER voters_are_facts BEFORE DELETE ON renegotiation_voters
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    # A proposal's lines repay the principal that it is about, and carry what it says.
    """
    CREATE FUNCTION renegotiation_sums() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        target uuid;
        proposal renegotiations;
        planned record;
    BEGIN
        IF TG_TABLE_NAME = 'renegotiations' THEN target := NEW.id; ELSE target := NEW.renegotiation_id; END IF;
        SELECT * INTO proposal FROM renegotiations WHERE id = target;
        SELECT coalesce(sum(principal_minor), 0) AS principal, coalesce(sum(carried_minor), 0) AS carried
          INTO planned FROM renegotiated_installments WHERE renegotiation_id = target;
        IF planned.principal <> proposal.principal_minor OR planned.carried
            <> proposal.interest_minor + proposal.late_minor - proposal.waived_minor THEN
            RAISE EXCEPTION 'the installments of renegotiation % do not add up to it', target
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER renegotiation_sums AFTER INSERT ON renegotiations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renegotiation_sums()
    """,
    """
    CREATE CONSTRAINT TRIGGER renegotiation_sums AFTER INSERT ON renegotiated_installments
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renegotiation_sums()
    """,
)

INSTALLMENT_MOVES = """
CREATE OR REPLACE FUNCTION installment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    disbursed boolean := (SELECT disbursed_at IS NOT NULL FROM cprs WHERE id = OLD.cpr_id);
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'installments are not deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF disbursed AND (NEW.cpr_id, NEW.number, NEW.due_on, NEW.principal_minor, NEW.interest_minor{columns})
        IS DISTINCT FROM (OLD.cpr_id, OLD.number, OLD.due_on, OLD.principal_minor, OLD.interest_minor{old_columns})
    THEN
        RAISE EXCEPTION 'the schedule of a disbursed CPR is not changed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> OLD.status AND (NOT disbursed OR (OLD.status, NEW.status) NOT IN (
        ('SCHEDULED', 'LATE'), ('SCHEDULED', 'PAID'), ('LATE', 'PAID'){moves}
    )) THEN
        RAISE EXCEPTION 'an installment cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

SCHEDULE_SUMS = """
CREATE OR REPLACE FUNCTION schedule_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target  uuid;
    owed    bigint;
    planned bigint;
BEGIN
    IF TG_TABLE_NAME = 'cprs' THEN target := NEW.id; ELSE target := NEW.cpr_id; END IF;
    SELECT principal_minor INTO owed FROM cprs WHERE id = target;
    SELECT coalesce(sum({principal}), 0) INTO planned FROM installments WHERE cpr_id = target;
    IF owed <> planned THEN
        RAISE EXCEPTION 'the installments of CPR % repay % of %', target, planned, owed
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
# Payments settle the interest first: of a replaced installment counts what they have settled beyond it.
PAID_BACK_OF_REPLACED = (
    "CASE status WHEN 'REPLACED' THEN greatest(settled_minor - interest_minor, 0) ELSE principal_minor END"
)
SUMS_OF_INSTALLMENTS = """
CREATE CONSTRAINT TRIGGER installment_schedule_sums AFTER INSERT OR UPDATE OF {columns} ON installments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedule_sums()
"""

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM renegotiations) THEN
            RAISE EXCEPTION 'CPRs were renegotiated: what is owed since would be forgotten'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END $$
    """,
    "DROP TABLE renegotiation_voters",
    "DROP TABLE renegotiated_installments",
    "DROP TABLE renegotiations",
    "DROP FUNCTION renegotiation_moves(), renegotiation_sums()",
    "DROP TABLE renegotiation_policies",
    "ALTER TABLE installments DROP CONSTRAINT ck_installments_status",
    "ALTER TABLE installments ADD CONSTRAINT ck_installments_status CHECK (status IN ('SCHEDULED', 'LATE', 'PAID'))",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run(*UPGRADE)
    _run(
        INSTALLMENT_MOVES.format(
            columns=", NEW.schedule_version, NEW.carried_minor",
            old_columns=",\n        OLD.schedule_version, OLD.carried_minor",
            moves=", ('SCHEDULED', 'REPLACED'), ('LATE', 'REPLACED')",
        ),
        SCHEDULE_SUMS.format(principal=PAID_BACK_OF_REPLACED),
        "DROP TRIGGER installment_schedule_sums ON installments",
        SUMS_OF_INSTALLMENTS.format(columns="principal_minor, cpr_id, status"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run(
        *DOWNGRADE,
        INSTALLMENT_MOVES.format(columns="", old_columns="", moves=""),
        SCHEDULE_SUMS.format(principal="principal_minor"),
        "DROP TRIGGER installment_schedule_sums ON installments",
        SUMS_OF_INSTALLMENTS.format(columns="principal_minor, cpr_id"),
        "ALTER TABLE installments DROP COLUMN schedule_version, DROP COLUMN carried_minor",
    )


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement.replace(":=", "\\:="))
