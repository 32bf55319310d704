"""Who lets credit ask the bureau about them, as accounts tells it."""

from alembic import op
from subgraphs.shared.consents.tables import create_consents_tables, drop_consents_tables

revision = "credit_0014"
down_revision = "credit_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_consents_tables(op)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_consents_tables(op)
