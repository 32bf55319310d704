"""What staff did to people's money, by whom and why. Added, never edited."""

from alembic import op

revision = "wallet_0003"
down_revision = "wallet_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE staff_actions (
            id uuid CONSTRAINT pk_staff_actions PRIMARY KEY,
            actor_id uuid NOT NULL,
            action text NOT NULL CONSTRAINT ck_staff_actions_action
                CHECK (action IN ('REVERSE_TRANSFER', 'RESOLVE_SUSPENSE')),
            subject_id uuid NOT NULL,
            reason text NOT NULL,
            at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_staff_actions_subject_id ON staff_actions (subject_id)")
    op.execute(
        "CREATE TRIGGER staff_action_refuse_change BEFORE UPDATE OR DELETE ON staff_actions "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE staff_actions")
