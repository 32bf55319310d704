"""
Holders who are related to the borrower are on the roll and have no vote; whose those are was not asked before.
"""

from alembic import op

revision = "contracts_0015"
down_revision = "contracts_0014"
branch_labels = None
depends_on = None

VOTES_ARE_FACTS = """
    CREATE TRIGGER votes_are_facts BEFORE UPDATE ON renegotiation_voters FOR EACH ROW
        WHEN (OLD.consents IS NOT NULL OR (NEW.renegotiation_id, NEW.investor_id, NEW.quota_count{column})
            IS DISTINCT FROM (OLD.renegotiation_id, OLD.investor_id, OLD.quota_count{old_column}))
        EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE renegotiation_voters ADD COLUMN is_related boolean NOT NULL DEFAULT false")
    op.execute(
        """
        ALTER TABLE renegotiation_voters
            ALTER COLUMN is_related DROP DEFAULT,
            ADD CONSTRAINT ck_renegotiation_voters_entitled CHECK (NOT is_related OR consents IS NULL)
        """
    )
    op.execute("DROP TRIGGER votes_are_facts ON renegotiation_voters")
    op.execute(VOTES_ARE_FACTS.format(column=", NEW.is_related", old_column=", OLD.is_related"))


def downgrade() -> None:
    """Refuses where somebody has no vote: they would have one again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM renegotiation_voters WHERE is_related) THEN
                RAISE EXCEPTION 'holders are related to the borrower: they would have a vote'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    op.execute("DROP TRIGGER votes_are_facts ON renegotiation_voters")
    op.execute("ALTER TABLE renegotiation_voters DROP COLUMN is_related")
    op.execute(VOTES_ARE_FACTS.format(column="", old_column=""))
