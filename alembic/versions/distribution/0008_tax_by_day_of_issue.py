"""
Tax rules by the day a title was issued, with a rate or a scale of their own; and the fee on what lateness costs.

What was stated before stays as it was: a rule for titles of any day, by the one scale there was. The fee was taken of
fine and interest for being late as well, which nobody had agreed to; now only where its row says so.
"""

from alembic import op

revision = "distribution_0008"
down_revision = "distribution_0007"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    ALTER TABLE tax_rules
        ADD COLUMN issued_from date NOT NULL DEFAULT '0001-01-01',
        ADD COLUMN scale text NOT NULL DEFAULT 'LEI_11033',
        ADD COLUMN rate numeric(6, 4) CONSTRAINT ck_tax_rules_rate_sensible CHECK (rate >= 0 AND rate < 1),
        DROP CONSTRAINT pk_tax_rules,
        ADD CONSTRAINT pk_tax_rules PRIMARY KEY (person, instrument, issued_from, valid_from),
        DROP CONSTRAINT ck_tax_rules_treatment_known,
        ADD CONSTRAINT ck_tax_rules_treatment_known CHECK (treatment IN ('EXEMPT', 'REGRESSIVE', 'FLAT')),
        ADD CONSTRAINT ck_tax_rules_flat_has_a_rate CHECK ((treatment = 'FLAT') = (rate IS NOT NULL))
    """,
    """
    ALTER TABLE tax_brackets
        ADD COLUMN scale text NOT NULL DEFAULT 'LEI_11033',
        DROP CONSTRAINT pk_tax_brackets,
        ADD CONSTRAINT pk_tax_brackets PRIMARY KEY (scale, valid_from, days_from)
    """,
    "ALTER TABLE performance_fees ADD COLUMN of_late_charges boolean NOT NULL DEFAULT false",
    """
    CREATE TABLE issued_cprs (
        cpr_id uuid CONSTRAINT pk_issued_cprs PRIMARY KEY,
        issued_on date NOT NULL
    )
    """,
)
DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM tax_rules WHERE treatment = 'FLAT' OR issued_from > '0001-01-01')
            OR EXISTS (SELECT FROM tax_brackets WHERE scale <> 'LEI_11033')
            OR EXISTS (SELECT FROM performance_fees WHERE of_late_charges) THEN
            RAISE EXCEPTION 'rules are in force that cannot be stated without their day of issue, scale or rate';
        END IF;
    END $$
    """,
    "DROP TABLE issued_cprs",
    "ALTER TABLE performance_fees DROP COLUMN of_late_charges",
    """
    ALTER TABLE tax_brackets
        DROP CONSTRAINT pk_tax_brackets,
        ADD CONSTRAINT pk_tax_brackets PRIMARY KEY (valid_from, days_from),
        DROP COLUMN scale
    """,
    """
    ALTER TABLE tax_rules
        DROP CONSTRAINT ck_tax_rules_flat_has_a_rate,
        DROP CONSTRAINT ck_tax_rules_treatment_known,
        ADD CONSTRAINT ck_tax_rules_treatment_known CHECK (treatment IN ('EXEMPT', 'REGRESSIVE')),
        DROP CONSTRAINT pk_tax_rules,
        ADD CONSTRAINT pk_tax_rules PRIMARY KEY (person, instrument, valid_from),
        DROP COLUMN rate,
        DROP COLUMN scale,
        DROP COLUMN issued_from
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
