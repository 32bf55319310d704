"""The rule for companies says what the tax withheld of them is, now that some invest."""

from alembic import op

revision = "distribution_0007"
down_revision = "distribution_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        UPDATE tax_rules
        SET note = 'Lei 11.033/2004 art. 1; the exemption of art. 3 V is for natural persons. What is withheld is an '
            'advance of the company''s own income tax (Lei 8.981/1995 art. 76 I), and final of one in the Simples (LC '
            '123/2006 art. 13, par. 1, V). Doubt: whether the platform''s fee lowers the yield that is taxed; and '
            'whether a cooperative''s yield could count as dealing with its members: it is taxed as any company''s '
            '(STJ, Sumula 262).'
        WHERE person = 'LEGAL' AND instrument = 'REGISTERED_CPR' AND valid_from = '2020-01-01'
        """
    )


def downgrade() -> None:
    op.execute(
        """
        UPDATE tax_rules
        SET note = 'Lei 11.033/2004 art. 1. Doubt: whether the platform''s fee lowers the yield that is taxed.'
        WHERE person = 'LEGAL' AND instrument = 'REGISTERED_CPR' AND valid_from = '2020-01-01'
        """
    )
