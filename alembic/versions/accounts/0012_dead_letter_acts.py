"""What administrators did to messages that could not be handled: added, never changed."""

from alembic import op

revision = "accounts_0012"
down_revision = "accounts_0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE dead_letter_acts (
        id             uuid NOT NULL,
        at             timestamptz NOT NULL,
        actor_id       uuid NOT NULL,
        action         text NOT NULL,
        letters        text[] NOT NULL,
        reason         text NOT NULL,
        correlation_id text NOT NULL,
        CONSTRAINT pk_dead_letter_acts PRIMARY KEY (id),
        CONSTRAINT ck_dead_letter_acts_action_known CHECK (action IN ('REPLAY', 'PURGE'))
    )
    """,
    """
    CREATE TRIGGER dead_letter_acts_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON dead_letter_acts
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_grow()
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE dead_letter_acts")
