"""Who did what is found by who, by what and by when."""

from alembic import op
from subgraphs.shared.proposals import drop_proposals_indexes, index_proposals

revision = "accounts_0013"
down_revision = "accounts_0012"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_audit_entries_occurred_at": "audit_entries (occurred_at, id)",
    "ix_audit_entries_action": "audit_entries (action, occurred_at, id)",
    "ix_audit_entries_actor_id": "audit_entries (actor_id, occurred_at, id)",
    "ix_dead_letter_acts_at": "dead_letter_acts (at, id)",
    "ix_dead_letter_acts_actor_id": "dead_letter_acts (actor_id, at, id)",
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
