"""What whole checks of the books verified, up to which place of each chain: so that a check can go on from there."""

from alembic import op

revision = "wallet_0035"
down_revision = "wallet_0034"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE verified_places (
        number bigint CONSTRAINT pk_verified_places PRIMARY KEY,
        verified_at timestamptz NOT NULL,
        server text NOT NULL,
        written_before bigint NOT NULL,
        entries bigint NOT NULL,
        digest text NOT NULL,
        key text NOT NULL,
        signature text NOT NULL
    )
    """,
    # Of each place only the chains that have grown since the one before it.
    """
    CREATE TABLE verified_chains (
        account_id uuid NOT NULL,
        place bigint NOT NULL CONSTRAINT fk_verified_chains_place REFERENCES verified_places (number),
        entry_count bigint NOT NULL,
        balance_minor bigint NOT NULL,
        last_hash bytea NOT NULL,
        CONSTRAINT pk_verified_chains PRIMARY KEY (account_id, place)
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    for table in ("verified_places", "verified_chains"):
        op.execute(
            f"CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION fact_stays()"
        )
        op.execute(f"CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION fact_stays()")
    op.execute(
        "ALTER TABLE books_checks ADD COLUMN since bigint "
        "CONSTRAINT fk_books_checks_since REFERENCES verified_places (number)"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE books_checks DROP COLUMN since")
    op.execute("DROP TABLE verified_chains")
    op.execute("DROP TABLE verified_places")
