"""People are looked up on the lists of sanctions and of politically exposed people; what is found is decided on."""

from alembic import op

revision = "accounts_0010"
down_revision = "accounts_0009"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    CREATE TABLE screenings (
        user_id uuid CONSTRAINT pk_screenings PRIMARY KEY
            CONSTRAINT fk_screenings_user_id_users REFERENCES users (id),
        list_date date NOT NULL,
        screened_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE screening_hits (
        id uuid CONSTRAINT pk_screening_hits PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_screening_hits_user_id_users REFERENCES users (id),
        kind text NOT NULL CONSTRAINT ck_screening_hits_kind_known CHECK (kind IN ('SANCTIONS', 'PEP')),
        list_name text NOT NULL,
        entry text NOT NULL,
        list_date date NOT NULL,
        found_at timestamptz NOT NULL,
        locked_out_at timestamptz,
        status text NOT NULL
            CONSTRAINT ck_screening_hits_status_known CHECK (status IN ('OPEN', 'CLEARED', 'CONFIRMED')),
        decided_at timestamptz,
        decided_by uuid,
        reason text,
        CONSTRAINT uq_screening_hits_user_id_list_name_entry UNIQUE (user_id, list_name, entry),
        CONSTRAINT ck_screening_hits_decided_by_somebody CHECK (
            (status = 'OPEN') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)
            AND (decided_at IS NULL) = (reason IS NULL))
    )
    """,
    "CREATE INDEX ix_screening_hits_status ON screening_hits (status, found_at, id)",
    # What was found stays, and is decided on once.
    """
    CREATE FUNCTION screening_hit_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    DECLARE
        decided text[] := ARRAY['status', 'decided_at', 'decided_by', 'reason', 'locked_out_at'];
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.status = 'OPEN' AND to_jsonb(OLD) - decided = to_jsonb(NEW) - decided THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'screening hit % stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER screening_hit_stays BEFORE UPDATE OR DELETE ON screening_hits
    FOR EACH ROW EXECUTE FUNCTION screening_hit_stays()
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement.replace(":=", "\\:="))


def downgrade() -> None:
    """Refuses once something was found: who was decided to be on no list would be asked about again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM screening_hits) THEN
                RAISE EXCEPTION 'entries of lists were found and decided on: going back would lose that';
            END IF;
        END $$
        """
    )
    op.execute("DROP TABLE screening_hits")
    op.execute("DROP FUNCTION screening_hit_stays()")
    op.execute("DROP TABLE screenings")
