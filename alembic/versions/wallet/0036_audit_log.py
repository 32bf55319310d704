"""Who decided what is found by who and by when."""

from alembic import op
from subgraphs.shared.proposals import drop_proposals_indexes, index_proposals

revision = "wallet_0036"
down_revision = "wallet_0035"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_staff_actions_alone": "staff_actions (at, id) WHERE proposal_id IS NULL",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    index_proposals(op)
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {place}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    drop_proposals_indexes(op)
