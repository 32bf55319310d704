"""
Bank accounts are sealed, and who somebody is is asked of accounts.

A migration has no key. What is there already waits in a table of its own until the wallet's first job has sealed it.
"""

from alembic import op

revision = "wallet_0007"
down_revision = "wallet_0006"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    CREATE TABLE bank_accounts_to_seal (
        id uuid CONSTRAINT pk_bank_accounts_to_seal PRIMARY KEY
            CONSTRAINT fk_bank_accounts_to_seal_id REFERENCES bank_accounts (id),
        bank_code text NOT NULL,
        branch text NOT NULL,
        account_number text NOT NULL,
        holder_name text NOT NULL,
        holder_cpf text NOT NULL
    )
    """,
    """
    INSERT INTO bank_accounts_to_seal
    SELECT id, bank_code, branch, account_number, holder_name, holder_cpf FROM bank_accounts
    WHERE account_number <> ''
    """,
    "DROP INDEX uq_bank_accounts_in_use",
    """
    ALTER TABLE bank_accounts
        DROP COLUMN bank_code, DROP COLUMN branch, DROP COLUMN account_number,
        DROP COLUMN holder_name, DROP COLUMN holder_cpf,
        ADD COLUMN details_sealed bytea,
        ADD COLUMN fingerprint bytea,
        ADD COLUMN kept_until timestamptz
    """,
    """
    CREATE UNIQUE INDEX uq_bank_accounts_in_use ON bank_accounts (user_id, fingerprint) WHERE removed_at IS NULL
    """,
    "CREATE INDEX ix_bank_accounts_kept_until ON bank_accounts (kept_until) WHERE kept_until IS NOT NULL",
    # Plain hashes over bank accounts, of which there are few enough to try them all. The same key again finds the same
    # account by its fingerprint.
    "DELETE FROM idempotency_keys WHERE result_id IN (SELECT id FROM bank_accounts)",
    "ALTER TABLE verified_identities DROP COLUMN full_name, DROP COLUMN cpf",
)
DOWNGRADE = (
    "DROP TABLE bank_accounts_to_seal",
    "DROP INDEX uq_bank_accounts_in_use",
    "DROP INDEX ix_bank_accounts_kept_until",
    """
    ALTER TABLE bank_accounts
        DROP COLUMN details_sealed, DROP COLUMN fingerprint, DROP COLUMN kept_until,
        ADD COLUMN bank_code text NOT NULL DEFAULT '', ADD COLUMN branch text NOT NULL DEFAULT '',
        ADD COLUMN account_number text NOT NULL DEFAULT '', ADD COLUMN holder_name text NOT NULL DEFAULT '',
        ADD COLUMN holder_cpf text NOT NULL DEFAULT ''
    """,
    # What was sealed cannot be read without the key; its owner names it again.
    "UPDATE bank_accounts SET removed_at = coalesce(removed_at, now())",
    """
    CREATE UNIQUE INDEX uq_bank_accounts_in_use ON bank_accounts (user_id, bank_code, branch, account_number)
    WHERE removed_at IS NULL
    """,
    "ALTER TABLE verified_identities ADD COLUMN full_name text, ADD COLUMN cpf text",
    "UPDATE verified_identities SET full_name = '', cpf = '00000000000' WHERE verified_at IS NOT NULL",
    """
    ALTER TABLE verified_identities ADD CONSTRAINT ck_verified_identities_whole_or_erased
        CHECK (num_nulls(full_name, cpf, verified_at) IN (0, 3))
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
