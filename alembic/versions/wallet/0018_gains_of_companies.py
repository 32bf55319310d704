"""How the gain of a company that sells quotas is taxed: the rule is by kind of person."""

from alembic import op

revision = "wallet_0018"
down_revision = "wallet_0017"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    ALTER TABLE gain_tax_rules
        ADD COLUMN person text NOT NULL DEFAULT 'NATURAL'
            CONSTRAINT ck_gain_tax_rules_person CHECK (person IN ('NATURAL', 'LEGAL')),
        DROP CONSTRAINT pk_gain_tax_rules,
        ADD CONSTRAINT pk_gain_tax_rules PRIMARY KEY (person, valid_from)
    """,
    "ALTER TABLE gain_tax_rules ALTER COLUMN person DROP DEFAULT",
    """
    INSERT INTO gain_tax_rules (person, valid_from, treatment, legal_basis, doubt) VALUES
        ('LEGAL', '2020-01-01', 'REGRESSIVE',
         'Lei 11.033/2004 art. 1; the exemption of art. 3 V is for natural persons. What is withheld is an advance of '
         'the company''s own income tax (Lei 8.981/1995 art. 76 I), and final of one in the Simples (LC 123/2006 art. '
         '13, par. 1, V).',
         'Whether the sale of a quota to another user is a cession of a fixed-income title, of which tax is withheld, '
         'or a gain for the company''s own books alone; a cooperative''s is taxed as any company''s (STJ, Sumula 262).')
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM gain_tax_rules WHERE person <> 'NATURAL'")
    op.execute(
        """
        ALTER TABLE gain_tax_rules
            DROP CONSTRAINT pk_gain_tax_rules,
            DROP COLUMN person,
            ADD CONSTRAINT pk_gain_tax_rules PRIMARY KEY (valid_from)
        """
    )
