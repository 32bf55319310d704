"""What the tax law sees in an investor: a natural person, as all have been, or a legal one."""

from alembic import op

revision = "marketplace_0008"
down_revision = "marketplace_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE investors ADD COLUMN person text NOT NULL DEFAULT 'NATURAL'
            CONSTRAINT ck_investors_person CHECK (person IN ('NATURAL', 'LEGAL'))
        """
    )


def downgrade() -> None:
    """Refuses where a company invests: it would be taxed as a natural person from then on."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM investors WHERE person <> 'NATURAL') THEN
                RAISE EXCEPTION 'companies invest: going back would lose how they are taxed';
            END IF;
        END $$
        """
    )
    op.execute("ALTER TABLE investors DROP COLUMN person")
