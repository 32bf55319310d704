"""What being late costs is told once: who signed for two percent does not owe none, nor ten."""

from alembic import op

revision = "wallet_0024"
down_revision = "wallet_0023"
branch_labels = None
depends_on = None

LATE_RATES_STAY = """
    CREATE TRIGGER late_rates_stay BEFORE UPDATE ON installments FOR EACH ROW
    WHEN ((OLD.late_fine_rate IS NOT NULL AND NEW.late_fine_rate IS DISTINCT FROM OLD.late_fine_rate)
        OR (OLD.late_monthly_rate IS NOT NULL AND NEW.late_monthly_rate IS DISTINCT FROM OLD.late_monthly_rate))
    EXECUTE FUNCTION fact_goes_on('id')
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(LATE_RATES_STAY)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER late_rates_stay ON installments")
