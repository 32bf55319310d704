"""
Parameters change by the word of two of the staff, and each is recorded.

- A service adds no rule but one that was proposed and approved, and that from a day to come.
- Rules stay as they were added, and are chained by hashes; those that are in force are recorded from here on.
- Values are such that what reads them can work with them.
"""

from alembic import op
from subgraphs.shared.parameters.tables import add_to_recorded, drop_functions

revision = "wallet_0031"
down_revision = "wallet_0030"
branch_labels = None
depends_on = None

TABLES = (
    "gain_tax_brackets",
    "gain_tax_rules",
    "iof_rates",
    "iof_rules",
    "origination_fee_rates",
    "parameters",
    "remittance_rules",
    "secondary_fee_rates",
)

SENSIBLE = """
    ALTER TABLE parameters ADD CONSTRAINT ck_parameters_sensible CHECK (CASE
        WHEN name ~ '_hour$' THEN value <= 23
        WHEN name ~ '_seconds$' THEN value >= 1
        WHEN name = 'companies_gain_is_taxed' THEN value <= 1
        WHEN name = 'staff_decide_in_pairs' THEN value = 1
        ELSE true END)
"""
IOF = """
    ALTER TABLE iof_rates ADD CONSTRAINT ck_iof_rates_sensible CHECK (
        daily_rate >= 0 AND daily_rate < 1 AND additional_rate >= 0 AND additional_rate < 1 AND days_max >= 0)
"""
RULE_IS_RECORDED = """
    CREATE OR REPLACE FUNCTION rule_is_recorded() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        earlier record;
        place bigint;
        moment timestamptz := clock_timestamp();
    BEGIN
        -- One after the other, so that each knows the one before it.
        PERFORM pg_advisory_xact_lock(hashtextextended('recorded_rules', 0));
        SELECT number, hash INTO earlier FROM recorded_rules ORDER BY number DESC LIMIT 1;
        place := coalesce(earlier.number, 0) + 1;
        INSERT INTO recorded_rules VALUES (place, TG_TABLE_NAME, to_jsonb(NEW), moment, session_user, sha256(
            coalesce(earlier.hash, ''::bytea) || convert_to(concat_ws('|', place, TG_TABLE_NAME, to_jsonb(NEW),
                (extract(epoch FROM moment) * 1000000)::bigint, session_user), 'UTF8')));
        RETURN NULL;
    END $$
"""
"""As it was."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    add_to_recorded(op, TABLES)
    op.execute(SENSIBLE)
    op.execute(IOF)


def downgrade() -> None:
    """Refuses where rules were changed so: who approved them would be forgotten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM staff_proposals WHERE kind = 'CHANGE_RULE') THEN
                RAISE EXCEPTION 'rules were changed by two of the staff: going back would lose who approved'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    op.execute("ALTER TABLE iof_rates DROP CONSTRAINT ck_iof_rates_sensible")
    op.execute("ALTER TABLE parameters DROP CONSTRAINT ck_parameters_sensible")
    drop_functions(op)
    op.execute(RULE_IS_RECORDED.replace(":=", "\\:="))
    op.execute("DROP FUNCTION record_rule(text, jsonb)")
