"""
Providers' answers are sealed, and who signs is asked of accounts.

A migration has no key. What is there already waits in a table of its own until contracts' first job has sealed it.
"""

from alembic import op

revision = "contracts_0006"
down_revision = "contracts_0005"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    CREATE TABLE answers_to_seal (
        order_id uuid NOT NULL,
        answer   jsonb NOT NULL,
        CONSTRAINT pk_answers_to_seal PRIMARY KEY (order_id),
        CONSTRAINT fk_answers_to_seal_order_id FOREIGN KEY (order_id) REFERENCES provider_orders (id)
    )
    """,
    "INSERT INTO answers_to_seal SELECT id, answer FROM provider_orders WHERE answer IS NOT NULL",
    """
    ALTER TABLE provider_orders
        DROP COLUMN answer, ADD COLUMN answer_sealed bytea, ADD COLUMN kept_until timestamptz
    """,
    "CREATE INDEX ix_provider_orders_kept_until ON provider_orders (kept_until) WHERE kept_until IS NOT NULL",
    "DROP TABLE signers",
)
DOWNGRADE = (
    """
    CREATE TABLE signers (
        user_id uuid NOT NULL, full_name text, cpf text, version bigint NOT NULL DEFAULT 0,
        CONSTRAINT pk_signers PRIMARY KEY (user_id)
    )
    """,
    "DROP INDEX ix_provider_orders_kept_until",
    "ALTER TABLE provider_orders DROP COLUMN answer_sealed, DROP COLUMN kept_until, ADD COLUMN answer jsonb",
    "UPDATE provider_orders SET answer = waiting.answer FROM answers_to_seal AS waiting WHERE order_id = id",
    "DROP TABLE answers_to_seal",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
