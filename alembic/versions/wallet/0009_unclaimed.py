"""Money in suspense because whose it was has closed their account."""

from alembic import op

revision = "wallet_0009"
down_revision = "wallet_0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE unclaimed_credits (
        id uuid NOT NULL CONSTRAINT pk_unclaimed_credits PRIMARY KEY,
        transfer_id uuid NOT NULL,
        user_id uuid NOT NULL,
        amount_minor bigint NOT NULL,
        reason text NOT NULL,
        CONSTRAINT fk_unclaimed_credits_transfer_id_ledger_transfers
            FOREIGN KEY (transfer_id) REFERENCES ledger_transfers (id),
        CONSTRAINT ck_unclaimed_credits_positive CHECK (amount_minor > 0)
    )
    """,
    "CREATE INDEX ix_unclaimed_credits_transfer_id ON unclaimed_credits (transfer_id)",
    "CREATE INDEX ix_unclaimed_credits_user_id ON unclaimed_credits (user_id)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE unclaimed_credits")
