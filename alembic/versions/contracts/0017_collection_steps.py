"""What staff do to collect a debt in default is noted step by step: facts, of a CPR that is in default by then."""

from alembic import op

revision = "contracts_0017"
down_revision = "contracts_0016"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    CREATE TABLE collection_steps (
        id uuid CONSTRAINT pk_collection_steps PRIMARY KEY,
        cpr_id uuid NOT NULL CONSTRAINT fk_collection_steps_cpr_id_cprs REFERENCES cprs (id),
        farmer_id uuid NOT NULL,
        kind text NOT NULL CONSTRAINT ck_collection_steps_kind
            CHECK (kind IN ('NOTICE', 'CREDIT_BUREAU', 'PROTEST', 'AGENCY', 'JUDICIAL')),
        taken_on date NOT NULL,
        reference text,
        note text NOT NULL CONSTRAINT ck_collection_steps_says_something CHECK (length(note) BETWEEN 1 AND 500),
        recorded_by uuid NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_collection_steps_cpr_id ON collection_steps (cpr_id, recorded_at, id)",
    "CREATE INDEX ix_collection_steps_recorded_at ON collection_steps (recorded_at, id)",
    "CREATE INDEX ix_collection_steps_recorded_by ON collection_steps (recorded_by, recorded_at, id)",
    "CREATE INDEX ix_collection_steps_farmer_id ON collection_steps (farmer_id, recorded_at, id)",
    """
    CREATE TRIGGER collection_steps_are_facts BEFORE UPDATE OR DELETE ON collection_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER collection_steps_stay BEFORE TRUNCATE ON collection_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE FUNCTION collection_is_of_a_default() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM cprs
            WHERE id = NEW.cpr_id AND farmer_id = NEW.farmer_id AND status = 'DEFAULTED') THEN
            RAISE EXCEPTION 'CPR % is not in default, or not of %', NEW.cpr_id, NEW.farmer_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'collection_is_of_a_default';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER collection_is_of_a_default BEFORE INSERT ON collection_steps
    FOR EACH ROW EXECUTE FUNCTION collection_is_of_a_default()
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    """Refuses once a step was noted: that it was taken would be forgotten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM collection_steps) THEN
                RAISE EXCEPTION 'steps were taken to collect debts: going back would lose which'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    op.execute("DROP TABLE collection_steps")
    op.execute("DROP FUNCTION collection_is_of_a_default()")
