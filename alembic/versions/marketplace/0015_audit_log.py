"""Who decided what is found by who and by when; what farmers decided of their offerings stays."""

from alembic import op
from subgraphs.shared.proposals import drop_proposals_indexes, index_proposals

revision = "marketplace_0015"
down_revision = "marketplace_0014"
branch_labels = None
depends_on = None

DECISION_STAYS = """
CREATE FUNCTION offering_decision_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what was decided is added, never changed: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
STAYS = """
CREATE TRIGGER offering_decision_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON offering_decisions
FOR EACH STATEMENT EXECUTE FUNCTION offering_decision_stays()
"""

INDEXES = {
    "ix_offering_decisions_decided_at": "offering_decisions (decided_at, id)",
    "ix_offering_decisions_decided_by": "offering_decisions (decided_by, decided_at, id)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    index_proposals(op)
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {place}")
    op.execute(DECISION_STAYS)
    op.execute(STAYS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER offering_decision_stays ON offering_decisions")
    op.execute("DROP FUNCTION offering_decision_stays()")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    drop_proposals_indexes(op)
