"""What `wallet_0042` lets charges be, every row obeys. Apart from it: whoever validates holds up nobody."""

from alembic import op

revision = "wallet_0039"
down_revision = "wallet_0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE charges VALIDATE CONSTRAINT ck_charges_purpose")
    op.execute("ALTER TABLE charges VALIDATE CONSTRAINT ck_charges_purpose_names_its_cpr")


def downgrade() -> None:
    """Valid or not, the constraints are the same."""
