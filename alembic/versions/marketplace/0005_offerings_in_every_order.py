"""A page of offerings is read from an index in its order, however many there are."""

from alembic import op

revision = "marketplace_0005"
down_revision = "marketplace_0004"
branch_labels = None
depends_on = None

COLUMNS = ("opened_at", "annual_rate", "term_months")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in COLUMNS:
        op.create_index(f"ix_offerings_status_{column}", "offerings", ["status", column, "id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in COLUMNS:
        op.drop_index(f"ix_offerings_status_{column}")
