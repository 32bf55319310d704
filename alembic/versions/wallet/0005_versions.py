"""
Verified identities remember the version of the fact that they were made from, and no older one changes them.

The identity of a closed account stays as an empty row, so that a verification that comes late finds that it is over.
"""

from alembic import op

revision = "wallet_0005"
down_revision = "wallet_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE verified_identities
            ADD COLUMN version bigint NOT NULL DEFAULT 0,
            ALTER COLUMN full_name DROP NOT NULL,
            ALTER COLUMN cpf DROP NOT NULL,
            ALTER COLUMN verified_at DROP NOT NULL,
            ADD CONSTRAINT ck_verified_identities_whole_or_erased
                CHECK (num_nulls(full_name, cpf, verified_at) IN (0, 3))
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM verified_identities WHERE cpf IS NULL")
    op.execute(
        """
        ALTER TABLE verified_identities
            DROP CONSTRAINT ck_verified_identities_whole_or_erased,
            DROP COLUMN version,
            ALTER COLUMN full_name SET NOT NULL,
            ALTER COLUMN cpf SET NOT NULL,
            ALTER COLUMN verified_at SET NOT NULL
        """
    )
