"""
A charge may be over all that is left of a CPR. What comes for it is credited to the farmer, and pays the debt at once.

One is open for a CPR at a time, as one is for an installment.
"""

from typing import Any

from alembic import op

revision = "wallet_0038"
down_revision = "wallet_0037"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE charges ADD COLUMN cpr_id uuid",
    "ALTER TABLE charges DROP CONSTRAINT ck_charges_purpose",
    """
    ALTER TABLE charges
        ADD CONSTRAINT ck_charges_purpose CHECK (purpose IN ('DEPOSIT', 'INSTALLMENT', 'SETTLEMENT')) NOT VALID,
        ADD CONSTRAINT ck_charges_purpose_names_its_cpr
            CHECK ((purpose = 'SETTLEMENT') = (cpr_id IS NOT NULL)) NOT VALID
    """,
    """
    CREATE UNIQUE INDEX uq_charges_one_open_per_cpr ON charges (cpr_id) WHERE status = 'OPEN' AND cpr_id IS NOT NULL
    """,
)
DOWNGRADE = (
    """
    ALTER TABLE charges
        DROP CONSTRAINT ck_charges_purpose_names_its_cpr,
        DROP CONSTRAINT ck_charges_purpose,
        ADD CONSTRAINT ck_charges_purpose CHECK (purpose IN ('DEPOSIT', 'INSTALLMENT')) NOT VALID
    """,
    "DROP INDEX uq_charges_one_open_per_cpr",
    "ALTER TABLE charges DROP COLUMN cpr_id",
)
DEPOSITED = (
    "p.outcome = 'CREDITED' AND c.purpose = 'DEPOSIT')",
    "p.outcome = 'CREDITED' AND c.purpose IN ('DEPOSIT', 'SETTLEMENT'))",
)
"""What a transfer of kind DEPOSIT is asked for, before and after."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)
    _rewrite_question(*DEPOSITED)


def downgrade() -> None:
    """Refuses where somebody was asked for all that was left of a CPR."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    if _ask("SELECT EXISTS (SELECT FROM charges WHERE purpose = 'SETTLEMENT')"):
        raise RuntimeError("CPRs were charged for in whole: going back would lose what was asked for")
    _rewrite_question(*DEPOSITED[::-1])
    for statement in DOWNGRADE:
        op.execute(statement)


def _rewrite_question(before: str, after: str) -> None:
    """Change what a transfer is asked at commit, and nothing else of that: others may have widened it as well."""
    function = _ask("SELECT pg_get_functiondef('ledger_transfer_has_its_cause'::regproc)")
    if function.count(before) != 1:
        raise RuntimeError(f"what a transfer is asked is not what this migration knows: {before}")
    op.get_bind().exec_driver_sql(function.replace(before, after))


def _ask(question: str) -> Any:
    return op.get_bind().exec_driver_sql(question).scalar_one()
