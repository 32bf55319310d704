"""
Rules of tax by kind of person and day of issue, with a rate or a scale of their own; and which IOF who borrows pays.

- A gain's rule is for a kind of person and for CPRs issued from a day on. A company's was a parameter, and is such a
  rule now; the parameter stays on record, and nothing reads it.
- `iof_rules` says by which of the rates the tax on credit is taken. For now all pay that of a producer's CPR.
- What a disbursement paid says who borrowed, and a CPR when it was issued: of those of before neither is known.
- Rules that have new columns are recorded as they read now, beside what was recorded of them.
"""

from alembic import op

revision = "wallet_0025"
down_revision = "wallet_0024"
branch_labels = None
depends_on = None

WIDENED = ("gain_tax_brackets", "gain_tax_rules")

COLUMNS = (
    """
    ALTER TABLE gain_tax_rules
        ADD COLUMN person text NOT NULL DEFAULT 'NATURAL'
            CONSTRAINT ck_gain_tax_rules_person CHECK (person IN ('NATURAL', 'LEGAL')),
        ADD COLUMN issued_from date NOT NULL DEFAULT '0001-01-01',
        ADD COLUMN scale text NOT NULL DEFAULT 'LEI_11033',
        ADD COLUMN rate numeric(9, 6) CONSTRAINT ck_gain_tax_rules_rate CHECK (rate >= 0 AND rate < 1),
        DROP CONSTRAINT pk_gain_tax_rules,
        ADD CONSTRAINT pk_gain_tax_rules PRIMARY KEY (person, issued_from, valid_from),
        DROP CONSTRAINT ck_gain_tax_rules_treatment_known,
        ADD CONSTRAINT ck_gain_tax_rules_treatment_known CHECK (treatment IN ('EXEMPT', 'REGRESSIVE', 'FLAT')),
        ADD CONSTRAINT ck_gain_tax_rules_flat_has_a_rate CHECK ((treatment = 'FLAT') = (rate IS NOT NULL))
    """,
    """
    ALTER TABLE gain_tax_brackets
        ADD COLUMN scale text NOT NULL DEFAULT 'LEI_11033',
        DROP CONSTRAINT pk_gain_tax_brackets,
        ADD CONSTRAINT pk_gain_tax_brackets PRIMARY KEY (scale, valid_from, days_from)
    """,
    "ALTER TABLE registered_cprs ADD COLUMN issued_on date",
    """
    ALTER TABLE disbursements ADD COLUMN farmer_person text
        CONSTRAINT ck_disbursements_farmer_person CHECK (farmer_person IN ('NATURAL', 'LEGAL'))
    """,
)

RULES = (
    """
    INSERT INTO gain_tax_rules (person, valid_from, treatment, legal_basis, doubt)
    SELECT 'LEGAL', valid_from, CASE value WHEN 0 THEN 'EXEMPT' ELSE 'REGRESSIVE' END,
        'Lei 11.033/2004 art. 1; art. 3 V is for natural persons. What is withheld is an advance of the company''s own '
        'income tax (Lei 8.981/1995 art. 76 I), and final of one in the Simples (LC 123/2006 art. 13, par. 1, V).',
        'Whether selling a quota to another user is a cession of a fixed-income title, of which tax is withheld, or a '
        'gain for the company''s own books alone. A cooperative''s is taxed as any company''s (STJ, Sumula 262).'
    FROM parameters WHERE name = 'companies_gain_is_taxed'
    """,
    "ALTER TABLE iof_rates DROP CONSTRAINT ck_iof_rates_instrument",
    """
    ALTER TABLE iof_rates ADD CONSTRAINT ck_iof_rates_instrument
        CHECK (instrument IN ('REGISTERED_CPR', 'GENERAL_NATURAL_PERSON', 'GENERAL_LEGAL_PERSON'))
    """,
    """
    INSERT INTO iof_rates
        (instrument, valid_from, daily_rate, days_max, additional_rate, legal_basis, doubt) VALUES
        ('GENERAL_LEGAL_PERSON', '2015-01-22', 0.000041, 365, 0.0038,
         'Decreto 6.306/2007, art. 7: 0.0041 % a day, 365 days at most, and 0.38 % once.',
         'Whether IOF on credit is due at all when the lenders are natural persons is not settled.'),
        ('GENERAL_LEGAL_PERSON', '2025-06-11', 0.000082, 365, 0.0038,
         'Decreto 6.306/2007, art. 7, by Decreto 12.499/2025: 0.0082 % a day, 365 days at most, and 0.38 % once.',
         'The decree was suspended from 27 June to 16 July 2025 and its rates held for those weeks afterwards only in '
         'part; companies in the Simples pay less of small credits, which is not told apart here.')
    """,
    """
    CREATE TABLE iof_rules (
        person text NOT NULL CONSTRAINT ck_iof_rules_person CHECK (person IN ('NATURAL', 'LEGAL')),
        valid_from date NOT NULL,
        instrument text NOT NULL CONSTRAINT ck_iof_rules_instrument
            CHECK (instrument IN ('REGISTERED_CPR', 'GENERAL_NATURAL_PERSON', 'GENERAL_LEGAL_PERSON')),
        legal_basis text NOT NULL,
        doubt text NOT NULL,
        CONSTRAINT pk_iof_rules PRIMARY KEY (person, valid_from)
    )
    """,
    "CREATE TRIGGER rule_is_recorded AFTER INSERT ON iof_rules FOR EACH ROW EXECUTE FUNCTION rule_is_recorded()",
    "CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON iof_rules FOR EACH ROW EXECUTE FUNCTION fact_stays()",
    "CREATE TRIGGER fact_stays_whole BEFORE TRUNCATE ON iof_rules EXECUTE FUNCTION fact_stays()",
    """
    INSERT INTO iof_rules (person, valid_from, instrument, legal_basis, doubt)
    SELECT person, '2020-01-01', 'REGISTERED_CPR',
        'Lei 8.929/1994 and Decreto 6.306/2007: rural credit instruments of producers at rate zero.',
        'Whether that holds when the lenders are natural persons on a platform, and for a cooperative that borrows for '
        'its members, is not settled; if not, a row with the general rates says from when they are due.'
    FROM (VALUES ('NATURAL'), ('LEGAL')) AS kind (person)
    """,
)

DOWNGRADE = (
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM gain_tax_rules WHERE treatment = 'FLAT' OR issued_from > '0001-01-01')
            OR EXISTS (SELECT FROM gain_tax_brackets WHERE scale <> 'LEI_11033')
            OR EXISTS (SELECT FROM iof_rules WHERE instrument <> 'REGISTERED_CPR') THEN
            RAISE EXCEPTION 'rules are in force that cannot be stated without their day of issue, scale or rate';
        END IF;
        IF EXISTS (SELECT FROM disbursements WHERE farmer_person IS NOT NULL) THEN
            RAISE EXCEPTION 'disbursements say who borrowed, and by what rule of tax: that cannot be forgotten';
        END IF;
    END $$
    """,
    "DROP TABLE iof_rules",
    "ALTER TABLE iof_rates DISABLE TRIGGER fact_stays",
    "DELETE FROM iof_rates WHERE instrument = 'GENERAL_LEGAL_PERSON'",
    "ALTER TABLE iof_rates ENABLE TRIGGER fact_stays",
    "ALTER TABLE iof_rates DROP CONSTRAINT ck_iof_rates_instrument",
    """
    ALTER TABLE iof_rates ADD CONSTRAINT ck_iof_rates_instrument
        CHECK (instrument IN ('REGISTERED_CPR', 'GENERAL_NATURAL_PERSON'))
    """,
    "ALTER TABLE disbursements DROP COLUMN farmer_person",
    "ALTER TABLE registered_cprs DROP COLUMN issued_on",
    "ALTER TABLE gain_tax_rules DISABLE TRIGGER fact_stays",
    "DELETE FROM gain_tax_rules WHERE person = 'LEGAL'",
    "ALTER TABLE gain_tax_rules ENABLE TRIGGER fact_stays",
    """
    ALTER TABLE gain_tax_brackets
        DROP CONSTRAINT pk_gain_tax_brackets,
        ADD CONSTRAINT pk_gain_tax_brackets PRIMARY KEY (valid_from, days_from),
        DROP COLUMN scale
    """,
    """
    ALTER TABLE gain_tax_rules
        DROP CONSTRAINT ck_gain_tax_rules_flat_has_a_rate,
        DROP CONSTRAINT ck_gain_tax_rules_treatment_known,
        ADD CONSTRAINT ck_gain_tax_rules_treatment_known CHECK (treatment IN ('EXEMPT', 'REGRESSIVE')),
        DROP CONSTRAINT pk_gain_tax_rules,
        ADD CONSTRAINT pk_gain_tax_rules PRIMARY KEY (valid_from),
        DROP COLUMN rate,
        DROP COLUMN scale,
        DROP COLUMN issued_from,
        DROP COLUMN person
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*COLUMNS, *_recorded_anew(), *RULES):
        op.execute(statement)


def downgrade() -> None:
    """
    Refuses where a rule says, or a disbursement was made by, what could not be told any more.

    What was recorded meanwhile stays recorded, and the books of before name it.
    """
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)


def _recorded_anew() -> list[str]:
    """A rule is recorded by being said: those whose columns have changed are said once more, as they read now."""
    return [
        statement
        for table in WIDENED
        for statement in (
            f"ALTER TABLE {table} DISABLE TRIGGER fact_stays",
            f"CREATE TEMP TABLE said AS TABLE {table}",
            f"DELETE FROM {table}",  # noqa: S608  # names above
            f"INSERT INTO {table} SELECT * FROM said",  # noqa: S608  # names above
            "DROP TABLE said",
            f"ALTER TABLE {table} ENABLE TRIGGER fact_stays",
        )
    ]
