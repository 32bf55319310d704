"""Who decided what is found by who and by when; decisions cannot be emptied away."""

from alembic import op
from subgraphs.shared.proposals import drop_proposals_indexes, index_proposals

revision = "credit_0013"
down_revision = "credit_0012"
branch_labels = None
depends_on = None

STAYS = """
CREATE TRIGGER decisions_stay BEFORE TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

INDEXES = {
    "ix_decisions_decided_at": "decisions (decided_at, credit_request_id)",
    "ix_decisions_analyst_id": "decisions (analyst_id, decided_at, credit_request_id)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    index_proposals(op)
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {place}")
    op.execute(STAYS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER decisions_stay ON decisions")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    drop_proposals_indexes(op)
