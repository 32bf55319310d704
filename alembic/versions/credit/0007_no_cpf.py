"""Who applies is asked of accounts when the bureau is asked, and kept here no more."""

from alembic import op

revision = "credit_0007"
down_revision = "credit_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE applicants DROP CONSTRAINT ck_applicants_closed, DROP COLUMN full_name, DROP COLUMN cpf")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE applicants ADD COLUMN full_name text, ADD COLUMN cpf text,
            ADD CONSTRAINT ck_applicants_closed CHECK (closed_at IS NULL OR (cpf IS NULL AND full_name IS NULL))
        """
    )
