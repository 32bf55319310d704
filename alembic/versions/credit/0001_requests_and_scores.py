"""
Requests, steps, decisions, documents, scores, dated policies, and what is kept of other domains' facts.

The database holds the rules too: a request moves only along its way, one is open per farmer, and what has been
said (steps, scores, decisions) is never changed.
"""

from alembic import op
from subgraphs.shared.messaging.outbox import create_messaging_tables, drop_messaging_tables

revision = "credit_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE credit_policies (
    effective_from    date NOT NULL,
    amount_min_minor  bigint NOT NULL,
    amount_max_minor  bigint NOT NULL,
    amount_step_minor bigint NOT NULL,
    term_months_min   integer NOT NULL,
    term_months_max   integer NOT NULL,
    hectares_max      numeric(10, 2) NOT NULL,
    documents_max     integer NOT NULL,
    identity_required boolean NOT NULL,
    CONSTRAINT pk_credit_policies PRIMARY KEY (effective_from),
    CONSTRAINT ck_credit_policies_amounts CHECK (
        amount_step_minor > 0 AND amount_min_minor > 0 AND amount_min_minor <= amount_max_minor),
    CONSTRAINT ck_credit_policies_terms CHECK (term_months_min >= 1 AND term_months_min <= term_months_max)
);
CREATE TABLE grade_limits (
    effective_from   date NOT NULL,
    grade            text NOT NULL,
    amount_max_minor bigint NOT NULL,
    CONSTRAINT pk_grade_limits PRIMARY KEY (effective_from, grade),
    CONSTRAINT fk_grade_limits_effective_from FOREIGN KEY (effective_from)
        REFERENCES credit_policies (effective_from),
    CONSTRAINT ck_grade_limits_grade CHECK (grade IN ('A', 'B', 'C', 'D', 'E')),
    CONSTRAINT ck_grade_limits_amount CHECK (amount_max_minor > 0)
);
CREATE TABLE score_models (
    effective_from date NOT NULL,
    version        text NOT NULL,
    CONSTRAINT pk_score_models PRIMARY KEY (effective_from)
);
CREATE TABLE credit_requests (
    id                       uuid NOT NULL,
    farmer_id                uuid NOT NULL,
    status                   text NOT NULL,
    amount_minor             bigint NOT NULL,
    term_months              integer NOT NULL,
    purpose                  text NOT NULL,
    purpose_note             text NOT NULL,
    crop                     text NOT NULL,
    hectares                 numeric(10, 2) NOT NULL,
    land_tenure              text NOT NULL,
    region                   text NOT NULL,
    municipality             text NOT NULL,
    car_number               text NOT NULL,
    certifications           text[] NOT NULL,
    last_cycle_revenue_minor bigint NOT NULL,
    families_benefited       integer NOT NULL,
    amortisation             text NOT NULL,
    submitted_at             timestamptz NOT NULL,
    scored_at                timestamptz,
    score_id                 uuid,
    decided_at               timestamptz,
    CONSTRAINT pk_credit_requests PRIMARY KEY (id),
    CONSTRAINT ck_credit_requests_status CHECK (
        status IN ('SUBMITTED', 'SCORING', 'IN_ANALYSIS', 'APPROVED', 'REJECTED')),
    CONSTRAINT ck_credit_requests_amounts CHECK (amount_minor > 0 AND last_cycle_revenue_minor >= 0),
    CONSTRAINT ck_credit_requests_term CHECK (term_months > 0),
    CONSTRAINT ck_credit_requests_area CHECK (hectares > 0 AND families_benefited >= 0),
    CONSTRAINT ck_credit_requests_car_number CHECK (car_number ~ '^[A-Z]{2}-[0-9]{7}-[0-9A-F]{32}$'),
    CONSTRAINT ck_credit_requests_municipality CHECK (municipality ~ '^[0-9]{7}$'),
    CONSTRAINT ck_credit_requests_scored CHECK (
        status NOT IN ('IN_ANALYSIS', 'APPROVED', 'REJECTED') OR score_id IS NOT NULL),
    CONSTRAINT ck_credit_requests_decided CHECK ((status IN ('APPROVED', 'REJECTED')) = (decided_at IS NOT NULL))
);
CREATE INDEX ix_credit_requests_farmer_id ON credit_requests (farmer_id, submitted_at, id);
CREATE INDEX ix_credit_requests_status ON credit_requests (status, submitted_at, id);
CREATE UNIQUE INDEX uq_credit_requests_one_open ON credit_requests (farmer_id)
    WHERE status IN ('SUBMITTED', 'SCORING', 'IN_ANALYSIS');
CREATE TABLE request_steps (
    id                bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    credit_request_id uuid NOT NULL,
    status            text NOT NULL,
    reached_at        timestamptz NOT NULL,
    CONSTRAINT pk_request_steps PRIMARY KEY (id),
    CONSTRAINT fk_request_steps_credit_request_id FOREIGN KEY (credit_request_id) REFERENCES credit_requests (id)
);
CREATE INDEX ix_request_steps_credit_request_id ON request_steps (credit_request_id, id);
CREATE TABLE agro_scores (
    id                uuid NOT NULL,
    credit_request_id uuid NOT NULL,
    farmer_id         uuid NOT NULL,
    model_version     text NOT NULL,
    base_points       integer NOT NULL,
    score             integer NOT NULL,
    grade             text NOT NULL,
    inputs            jsonb NOT NULL,
    bureau_report     jsonb NOT NULL,
    scored_at         timestamptz NOT NULL,
    CONSTRAINT pk_agro_scores PRIMARY KEY (id),
    CONSTRAINT fk_agro_scores_credit_request_id FOREIGN KEY (credit_request_id) REFERENCES credit_requests (id),
    CONSTRAINT ck_agro_scores_score CHECK (score BETWEEN 0 AND 1000),
    CONSTRAINT ck_agro_scores_grade CHECK (grade IN ('A', 'B', 'C', 'D', 'E'))
);
CREATE INDEX ix_agro_scores_farmer_id ON agro_scores (farmer_id, scored_at, id);
CREATE INDEX ix_agro_scores_credit_request_id ON agro_scores (credit_request_id);
ALTER TABLE credit_requests ADD CONSTRAINT fk_credit_requests_score_id
    FOREIGN KEY (score_id) REFERENCES agro_scores (id);
CREATE TABLE score_factors (
    score_id           uuid NOT NULL,
    position           integer NOT NULL,
    code               text NOT NULL,
    points             integer NOT NULL,
    text_pt            text NOT NULL,
    text_en            text NOT NULL,
    improvement_points integer NOT NULL,
    improvement_pt     text NOT NULL,
    improvement_en     text NOT NULL,
    CONSTRAINT pk_score_factors PRIMARY KEY (score_id, position),
    CONSTRAINT fk_score_factors_score_id FOREIGN KEY (score_id) REFERENCES agro_scores (id),
    CONSTRAINT ck_score_factors_improvement CHECK (improvement_points >= 0)
);
CREATE TABLE decisions (
    credit_request_id     uuid NOT NULL,
    verdict               text NOT NULL,
    analyst_id            uuid NOT NULL,
    score_id              uuid NOT NULL,
    approved_amount_minor bigint,
    reason                text NOT NULL,
    decided_at            timestamptz NOT NULL,
    correlation_id        text NOT NULL,
    CONSTRAINT pk_decisions PRIMARY KEY (credit_request_id),
    CONSTRAINT fk_decisions_credit_request_id FOREIGN KEY (credit_request_id) REFERENCES credit_requests (id),
    CONSTRAINT fk_decisions_score_id FOREIGN KEY (score_id) REFERENCES agro_scores (id),
    CONSTRAINT ck_decisions_verdict CHECK (verdict IN ('APPROVED', 'REJECTED')),
    CONSTRAINT ck_decisions_amount CHECK (
        (verdict = 'APPROVED') = (approved_amount_minor IS NOT NULL) AND coalesce(approved_amount_minor, 1) > 0)
);
CREATE TABLE documents (
    id                uuid NOT NULL,
    credit_request_id uuid NOT NULL,
    farmer_id         uuid NOT NULL,
    kind              text NOT NULL,
    file_name         text NOT NULL,
    media_type        text NOT NULL,
    size_bytes        bigint NOT NULL,
    sha256            text NOT NULL,
    uploaded_at       timestamptz NOT NULL,
    erased_at         timestamptz,
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT fk_documents_credit_request_id FOREIGN KEY (credit_request_id) REFERENCES credit_requests (id),
    CONSTRAINT uq_documents_credit_request_id_sha256 UNIQUE (credit_request_id, sha256),
    CONSTRAINT ck_documents_media_type CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    CONSTRAINT ck_documents_size CHECK (size_bytes > 0)
);
CREATE INDEX ix_documents_farmer_id ON documents (farmer_id);
CREATE TABLE document_contents (
    document_id uuid NOT NULL,
    content     bytea NOT NULL,
    CONSTRAINT pk_document_contents PRIMARY KEY (document_id)
);
CREATE TABLE applicants (
    user_id     uuid NOT NULL,
    full_name   text,
    cpf         text,
    verified_at timestamptz,
    closed_at   timestamptz,
    CONSTRAINT pk_applicants PRIMARY KEY (user_id),
    CONSTRAINT ck_applicants_closed CHECK (closed_at IS NULL OR (cpf IS NULL AND full_name IS NULL))
);
CREATE TABLE repayment_records (
    cpr_id       uuid NOT NULL,
    farmer_id    uuid NOT NULL,
    defaulted_at timestamptz,
    settled_at   timestamptz,
    CONSTRAINT pk_repayment_records PRIMARY KEY (cpr_id)
);
CREATE INDEX ix_repayment_records_farmer_id ON repayment_records (farmer_id);
CREATE TABLE cpr_gradings (
    cpr_id            uuid NOT NULL,
    credit_request_id uuid NOT NULL,
    farmer_id         uuid NOT NULL,
    score_id          uuid NOT NULL,
    registered_at     timestamptz,
    CONSTRAINT pk_cpr_gradings PRIMARY KEY (cpr_id),
    CONSTRAINT uq_cpr_gradings_credit_request_id UNIQUE (credit_request_id),
    CONSTRAINT fk_cpr_gradings_credit_request_id FOREIGN KEY (credit_request_id) REFERENCES credit_requests (id),
    CONSTRAINT fk_cpr_gradings_score_id FOREIGN KEY (score_id) REFERENCES agro_scores (id)
)
"""

REQUEST_MOVES = """
CREATE FUNCTION credit_request_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('SUBMITTED', 'SCORING'), ('SCORING', 'IN_ANALYSIS'), ('IN_ANALYSIS', 'SCORING'),
        ('IN_ANALYSIS', 'APPROVED'), ('IN_ANALYSIS', 'REJECTED')
    ) THEN
        RAISE EXCEPTION 'a credit request cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.farmer_id, NEW.amount_minor, NEW.term_months, NEW.car_number, NEW.submitted_at)
        IS DISTINCT FROM (OLD.farmer_id, OLD.amount_minor, OLD.term_months, OLD.car_number, OLD.submitted_at) THEN
        RAISE EXCEPTION 'what a farmer asked for is not changed afterwards' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are facts: they are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation';
END $$
"""

FACTS = ("request_steps", "agro_scores", "score_factors", "decisions")

POLICY = """
INSERT INTO credit_policies VALUES ('2026-01-01', 50000, 50000000, 10000, 1, 60, 50000.00, 20, true);
INSERT INTO grade_limits VALUES
    ('2026-01-01', 'A', 50000000), ('2026-01-01', 'B', 30000000),
    ('2026-01-01', 'C', 15000000), ('2026-01-01', 'D', 5000000);
INSERT INTO score_models VALUES ('2026-01-01', 'agroscore-1.0')
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    op.execute(REQUEST_MOVES)
    op.execute(
        "CREATE TRIGGER credit_request_moves BEFORE UPDATE ON credit_requests "
        "FOR EACH ROW EXECUTE FUNCTION credit_request_moves()"
    )
    op.execute(REFUSE_CHANGE)
    for table in FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_are_facts BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    for statement in POLICY.split(";\n"):
        op.execute(statement)
    create_messaging_tables(op)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_messaging_tables(op)
    op.execute("ALTER TABLE credit_requests DROP CONSTRAINT fk_credit_requests_score_id")
    for table in (
        "cpr_gradings", "repayment_records", "applicants", "document_contents", "documents", "decisions",
        "score_factors", "agro_scores", "request_steps", "credit_requests", "score_models", "grade_limits",
        "credit_policies",
    ):  # fmt: skip
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION credit_request_moves(), refuse_change()")
