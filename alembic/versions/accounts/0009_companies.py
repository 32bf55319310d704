"""Companies and cooperatives, known by their CNPJ, and who may act for them."""

from alembic import op

revision = "accounts_0009"
down_revision = "accounts_0008"
branch_labels = None
depends_on = None

COMPANIES = (
    """
    ALTER TABLE users
        ADD COLUMN kind text NOT NULL DEFAULT 'PERSON',
        ADD COLUMN cnpj_fingerprint bytea,
        ADD COLUMN cnpj_sealed bytea,
        ADD CONSTRAINT uq_users_cnpj_fingerprint UNIQUE (cnpj_fingerprint),
        ADD CONSTRAINT ck_users_kind CHECK (kind IN ('PERSON', 'COMPANY', 'COOPERATIVE')),
        DROP CONSTRAINT ck_users_open_has_data,
        DROP CONSTRAINT ck_users_closed_has_none,
        ADD CONSTRAINT ck_users_open_has_data CHECK (closed_at IS NOT NULL OR kind <> 'PERSON' OR (
            full_name IS NOT NULL AND email IS NOT NULL AND email_key IS NOT NULL AND phone IS NOT NULL
            AND birth_date IS NOT NULL AND cpf_fingerprint IS NOT NULL AND cpf_sealed IS NOT NULL
            AND password_hash IS NOT NULL)),
        ADD CONSTRAINT ck_users_open_company_has_data CHECK (closed_at IS NOT NULL OR kind = 'PERSON' OR (
            full_name IS NOT NULL AND cnpj_fingerprint IS NOT NULL AND cnpj_sealed IS NOT NULL)),
        ADD CONSTRAINT ck_users_company_signs_in_by_nobody CHECK (
            num_nonnulls(cnpj_fingerprint, cnpj_sealed) = 0 AND kind = 'PERSON'
            OR kind <> 'PERSON' AND staff_roles = '{}' AND num_nonnulls(
                email, email_key, email_confirmed_at, phone, phone_confirmed_at, birth_date, cpf_fingerprint,
                cpf_sealed, password_hash, password_changed_at) = 0),
        ADD CONSTRAINT ck_users_closed_has_none CHECK (closed_at IS NULL OR (
            full_name IS NULL AND email IS NULL AND email_key IS NULL AND phone IS NULL
            AND birth_date IS NULL AND cpf_fingerprint IS NULL AND cpf_sealed IS NULL
            AND cnpj_fingerprint IS NULL AND cnpj_sealed IS NULL
            AND password_hash IS NULL AND profiles = '{}' AND staff_roles = '{}'))
    """,
    "ALTER TABLE identity_checks ALTER COLUMN selfie_id DROP NOT NULL",
    """
    CREATE TABLE representations (
        id           uuid NOT NULL,
        company_id   uuid NOT NULL,
        person_id    uuid NOT NULL,
        powers       text[] NOT NULL,
        valid_from   date NOT NULL,
        valid_until  date,
        appointed_at timestamptz NOT NULL,
        appointed_by uuid NOT NULL,
        ended_at     timestamptz,
        ended_by     uuid,
        CONSTRAINT pk_representations PRIMARY KEY (id),
        CONSTRAINT fk_representations_company_id FOREIGN KEY (company_id) REFERENCES users (id),
        CONSTRAINT fk_representations_person_id FOREIGN KEY (person_id) REFERENCES users (id),
        CONSTRAINT ck_representations_powers CHECK (
            powers <> '{}' AND powers <@ ARRAY['ADMINISTER', 'BORROW', 'INVEST']),
        CONSTRAINT ck_representations_another CHECK (company_id <> person_id),
        CONSTRAINT ck_representations_dates CHECK (valid_until >= valid_from),
        CONSTRAINT ck_representations_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX uq_representations_open ON representations (company_id, person_id) WHERE ended_at IS NULL
    """,
    "CREATE INDEX ix_representations_person_id ON representations (person_id)",
    """
    INSERT INTO parameters (name, valid_from, value, note) VALUES
    ('representatives_fresh_proof_seconds', '2020-01-01', 300,
     'How fresh a proof must be to change who acts for a company: as fresh as for a withdrawal.')
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in COMPANIES:
        op.execute(statement)


def downgrade() -> None:
    """Refuses where there are companies: what they own and owe must not become nobody's."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM users WHERE kind <> 'PERSON') THEN
                RAISE EXCEPTION 'companies have accounts: going back would lose who they are';
            END IF;
        END $$
        """
    )
    op.execute("DELETE FROM parameters WHERE name = 'representatives_fresh_proof_seconds'")
    op.execute("DROP TABLE representations")
    op.execute("ALTER TABLE identity_checks ALTER COLUMN selfie_id SET NOT NULL")
    op.execute(
        """
        ALTER TABLE users
            DROP CONSTRAINT ck_users_closed_has_none,
            DROP CONSTRAINT ck_users_company_signs_in_by_nobody,
            DROP CONSTRAINT ck_users_open_company_has_data,
            DROP CONSTRAINT ck_users_open_has_data,
            DROP COLUMN cnpj_sealed,
            DROP COLUMN cnpj_fingerprint,
            DROP COLUMN kind,
            ADD CONSTRAINT ck_users_open_has_data CHECK (closed_at IS NOT NULL OR (
                full_name IS NOT NULL AND email IS NOT NULL AND email_key IS NOT NULL AND phone IS NOT NULL
                AND birth_date IS NOT NULL AND cpf_fingerprint IS NOT NULL AND cpf_sealed IS NOT NULL
                AND password_hash IS NOT NULL)),
            ADD CONSTRAINT ck_users_closed_has_none CHECK (closed_at IS NULL OR (
                full_name IS NULL AND email IS NULL AND email_key IS NULL AND phone IS NULL
                AND birth_date IS NULL AND cpf_fingerprint IS NULL AND cpf_sealed IS NULL
                AND password_hash IS NULL AND profiles = '{}' AND staff_roles = '{}'))
        """
    )
