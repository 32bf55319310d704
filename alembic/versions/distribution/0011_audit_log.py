"""Who proposed and decided what is found by who and by when."""

from alembic import op
from subgraphs.shared.proposals import drop_proposals_indexes, index_proposals

revision = "distribution_0011"
down_revision = "distribution_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    index_proposals(op)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_proposals_indexes(op)
