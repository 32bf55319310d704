"""Who proposed and withdrew what is found by who and by when; what staff did is added, never changed."""

from alembic import op
from subgraphs.shared.proposals import drop_proposals_indexes, index_proposals
from subgraphs.shared.staff_acts import create_staff_acts, drop_staff_acts

revision = "contracts_0016"
down_revision = "contracts_0015"
branch_labels = None
depends_on = None

STAYS = """
CREATE TRIGGER renegotiations_stay BEFORE TRUNCATE ON renegotiations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

INDEXES = {
    "ix_renegotiations_proposed_at": "renegotiations (proposed_at, id)",
    "ix_renegotiations_proposed_by": "renegotiations (proposed_by, proposed_at, id)",
    "ix_renegotiations_farmer_id": "renegotiations (farmer_id, proposed_at, id)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    index_proposals(op)
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {place}")
    create_staff_acts(op)
    op.execute(STAYS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER renegotiations_stay ON renegotiations")
    drop_staff_acts(op)
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    drop_proposals_indexes(op)
