"""
People, their sessions and tokens, signing keys, identity checks, and what is kept of other domains' facts.

The database holds rules too: an open account has its data and a closed one has none of it, nobody has two open
identity checks, and the audit record only grows.
"""

from alembic import op
from subgraphs.shared.messaging.outbox import create_messaging_tables, drop_messaging_tables

revision = "accounts_0001"
down_revision = None
branch_labels = None
depends_on = None

PEOPLE = """
CREATE TABLE users (
    id                  uuid NOT NULL,
    display_name        text NOT NULL,
    full_name           text,
    email               text,
    email_key           text,
    email_confirmed_at  timestamptz,
    phone               text,
    phone_confirmed_at  timestamptz,
    birth_date          date,
    cpf_fingerprint     bytea,
    cpf_sealed          bytea,
    password_hash       text,
    password_changed_at timestamptz,
    profiles            text[] NOT NULL,
    staff_roles         text[] NOT NULL,
    identity_status     text NOT NULL,
    created_at          timestamptz NOT NULL,
    suspended_at        timestamptz,
    closed_at           timestamptz,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email_key UNIQUE (email_key),
    CONSTRAINT uq_users_cpf_fingerprint UNIQUE (cpf_fingerprint),
    CONSTRAINT ck_users_profiles CHECK (profiles <@ ARRAY['FARMER', 'INVESTOR']),
    CONSTRAINT ck_users_staff_roles CHECK (staff_roles <@ ARRAY['ANALYST', 'ADMIN']),
    CONSTRAINT ck_users_identity_status CHECK (identity_status IN
        ('NOT_STARTED', 'PENDING', 'IN_REVIEW', 'NEW_UPLOAD_REQUESTED', 'REJECTED', 'VERIFIED')),
    CONSTRAINT ck_users_open_has_data CHECK (closed_at IS NOT NULL OR (
        full_name IS NOT NULL AND email IS NOT NULL AND email_key IS NOT NULL AND phone IS NOT NULL
        AND birth_date IS NOT NULL AND cpf_fingerprint IS NOT NULL AND cpf_sealed IS NOT NULL
        AND password_hash IS NOT NULL)),
    CONSTRAINT ck_users_closed_has_none CHECK (closed_at IS NULL OR (
        full_name IS NULL AND email IS NULL AND email_key IS NULL AND phone IS NULL
        AND birth_date IS NULL AND cpf_fingerprint IS NULL AND cpf_sealed IS NULL
        AND password_hash IS NULL AND profiles = '{}' AND staff_roles = '{}'))
);
CREATE INDEX ix_users_created_at ON users (created_at, id);
CREATE TABLE second_factors (
    user_id       uuid NOT NULL,
    secret_sealed bytea NOT NULL,
    created_at    timestamptz NOT NULL,
    confirmed_at  timestamptz,
    last_step     bigint NOT NULL,
    CONSTRAINT pk_second_factors PRIMARY KEY (user_id),
    CONSTRAINT fk_second_factors_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE recovery_codes (
    user_id   uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, code_hash),
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE confirmations (
    id          uuid NOT NULL,
    user_id     uuid NOT NULL,
    channel     text NOT NULL,
    contact     text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    tries       integer NOT NULL,
    CONSTRAINT pk_confirmations PRIMARY KEY (id),
    CONSTRAINT fk_confirmations_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_confirmations_channel CHECK (channel IN ('EMAIL', 'SMS'))
);
CREATE INDEX ix_confirmations_secret_hash ON confirmations (secret_hash);
CREATE INDEX ix_confirmations_user_id ON confirmations (user_id);
CREATE TABLE password_resets (
    id         uuid NOT NULL,
    user_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT pk_password_resets PRIMARY KEY (id),
    CONSTRAINT uq_password_resets_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_password_resets_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_password_resets_user_id ON password_resets (user_id);
"""

SESSIONS = """
CREATE TABLE sessions (
    id           uuid NOT NULL,
    user_id      uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    ended_at     timestamptz,
    end_reason   text,
    address      text,
    user_agent   text,
    scope_limit  text,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_sessions_ended CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX ix_sessions_user_id ON sessions (user_id, created_at);
CREATE INDEX ix_sessions_open ON sessions (user_id, last_used_at) WHERE ended_at IS NULL;
CREATE TABLE refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at  timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (token_hash),
    CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id);
CREATE TABLE signing_keys (
    id              text NOT NULL,
    public_jwk      jsonb NOT NULL,
    private_sealed  bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    signs_from      timestamptz NOT NULL,
    published_until timestamptz,
    CONSTRAINT pk_signing_keys PRIMARY KEY (id)
);
CREATE TABLE attempt_counters (
    kind          text NOT NULL,
    key           bytea NOT NULL,
    failures      integer NOT NULL,
    last_tried_at timestamptz NOT NULL,
    blocked_until timestamptz,
    CONSTRAINT pk_attempt_counters PRIMARY KEY (kind, key),
    CONSTRAINT ck_attempt_counters_failures CHECK (failures >= 0)
);
CREATE INDEX ix_attempt_counters_last_tried_at ON attempt_counters (last_tried_at);
CREATE TABLE outgoing_messages (
    id             uuid NOT NULL,
    kind           text NOT NULL,
    channel        text NOT NULL,
    content_sealed bytea,
    queued_at      timestamptz NOT NULL,
    sent_at        timestamptz,
    failure        text,
    CONSTRAINT pk_outgoing_messages PRIMARY KEY (id),
    CONSTRAINT ck_outgoing_messages_channel CHECK (channel IN ('EMAIL', 'SMS')),
    CONSTRAINT ck_outgoing_messages_content CHECK (
        (content_sealed IS NULL) = (sent_at IS NOT NULL OR failure IS NOT NULL))
);
CREATE INDEX ix_outgoing_messages_queued_at ON outgoing_messages (queued_at);
"""

IDENTITY = """
CREATE TABLE uploads (
    id             uuid NOT NULL,
    user_id        uuid NOT NULL,
    media_type     text NOT NULL,
    size_bytes     integer NOT NULL,
    content_sealed bytea,
    created_at     timestamptz NOT NULL,
    attached_at    timestamptz,
    erased_at      timestamptz,
    CONSTRAINT pk_uploads PRIMARY KEY (id),
    CONSTRAINT fk_uploads_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_uploads_erased CHECK ((content_sealed IS NULL) = (erased_at IS NOT NULL))
);
CREATE INDEX ix_uploads_user_id ON uploads (user_id);
CREATE INDEX ix_uploads_unattached ON uploads (created_at) WHERE attached_at IS NULL;
CREATE TABLE identity_checks (
    id           uuid NOT NULL,
    user_id      uuid NOT NULL,
    status       text NOT NULL,
    document_id  uuid NOT NULL,
    selfie_id    uuid NOT NULL,
    submitted_at timestamptz NOT NULL,
    decided_at   timestamptz,
    reason       text,
    CONSTRAINT pk_identity_checks PRIMARY KEY (id),
    CONSTRAINT fk_identity_checks_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT fk_identity_checks_document_id FOREIGN KEY (document_id) REFERENCES uploads (id),
    CONSTRAINT fk_identity_checks_selfie_id FOREIGN KEY (selfie_id) REFERENCES uploads (id),
    CONSTRAINT ck_identity_checks_status CHECK (status IN
        ('PENDING', 'IN_REVIEW', 'APPROVED', 'REJECTED', 'NEW_UPLOAD_REQUESTED')),
    CONSTRAINT ck_identity_checks_decided CHECK ((decided_at IS NULL) = (status IN ('PENDING', 'IN_REVIEW')))
);
CREATE UNIQUE INDEX uq_identity_checks_open ON identity_checks (user_id) WHERE status IN ('PENDING', 'IN_REVIEW');
CREATE INDEX ix_identity_checks_user_id ON identity_checks (user_id, submitted_at);
CREATE INDEX ix_identity_checks_status ON identity_checks (status, submitted_at, id);
CREATE TABLE audit_entries (
    id          uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor_id    uuid,
    action      text NOT NULL,
    user_id     uuid NOT NULL,
    subject_id  uuid,
    reason      text,
    CONSTRAINT pk_audit_entries PRIMARY KEY (id)
);
CREATE INDEX ix_audit_entries_user_id ON audit_entries (user_id, occurred_at);
CREATE INDEX ix_audit_entries_subject_id ON audit_entries (subject_id, occurred_at);
"""

AUDIT_ONLY_GROWS = """
CREATE FUNCTION audit_entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$
"""
AUDIT_TRIGGER = """
CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_grow()
"""

STANDING = """
CREATE TABLE engagements (
    id       uuid NOT NULL,
    kind     text NOT NULL,
    user_id  uuid,
    begun_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT pk_engagements PRIMARY KEY (id),
    CONSTRAINT ck_engagements_kind CHECK (kind IN ('CPR', 'INVESTMENT', 'WITHDRAWAL')),
    CONSTRAINT ck_engagements_begun CHECK (begun_at IS NULL OR user_id IS NOT NULL)
);
CREATE INDEX ix_engagements_user_id ON engagements (user_id);
CREATE TABLE wallet_balances (
    user_id         uuid NOT NULL,
    available_minor bigint NOT NULL,
    CONSTRAINT pk_wallet_balances PRIMARY KEY (user_id)
);
CREATE TABLE retained_records (
    user_id        uuid NOT NULL,
    content_sealed bytea NOT NULL,
    kept_until     timestamptz NOT NULL,
    CONSTRAINT pk_retained_records PRIMARY KEY (user_id)
);
CREATE INDEX ix_retained_records_kept_until ON retained_records (kept_until);
"""

DROP_TABLES = """
DROP TABLE retained_records, wallet_balances, engagements, audit_entries, identity_checks, uploads,
    outgoing_messages, attempt_counters, signing_keys, refresh_tokens, sessions, password_resets, confirmations,
    recovery_codes, second_factors, users
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for script in (PEOPLE, SESSIONS, IDENTITY, STANDING):
        # The driver takes one statement at a time.
        for statement in script.split(";\n"):
            if statement.strip():
                op.execute(statement)
    op.execute(AUDIT_ONLY_GROWS)
    op.execute(AUDIT_TRIGGER)
    create_messaging_tables(op)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_messaging_tables(op)
    op.execute(DROP_TABLES)
    op.execute("DROP FUNCTION audit_entries_only_grow()")
