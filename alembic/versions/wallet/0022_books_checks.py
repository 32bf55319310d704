"""What checks of the books found, and when: kept, so that who looks need not check all again."""

from alembic import op

revision = "wallet_0022"
down_revision = "wallet_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE books_checks (
            id uuid CONSTRAINT pk_books_checks PRIMARY KEY,
            checked_at timestamptz NOT NULL,
            entries bigint NOT NULL,
            digest text NOT NULL,
            problems text[] NOT NULL,
            not_asked text[] NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_books_checks_checked_at ON books_checks (checked_at)")
    op.execute(
        "CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON books_checks FOR EACH ROW EXECUTE FUNCTION fact_stays()"
    )
    op.execute("CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON books_checks EXECUTE FUNCTION fact_stays()")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE books_checks")
