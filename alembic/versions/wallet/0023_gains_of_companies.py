"""How the gain of a company that sells quotas is taxed, and which sellers were companies."""

from alembic import op

revision = "wallet_0023"
down_revision = "wallet_0022"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    ALTER TABLE quota_swaps ADD COLUMN seller_person text NOT NULL DEFAULT 'NATURAL'
        CONSTRAINT ck_quota_swaps_seller_person CHECK (seller_person IN ('NATURAL', 'LEGAL'))
    """,
    """
    INSERT INTO parameters (name, valid_from, value, note) VALUES
        ('companies_gain_is_taxed', '2020-01-01', 1,
         'By the regressive table when 1 (Lei 11.033/2004 art. 1; art. 3 V is for natural persons); not at all when 0. '
         'What is withheld is an advance of the company''s own income tax (Lei 8.981/1995 art. 76 I), and final of one '
         'in the Simples (LC 123/2006 art. 13, par. 1, V). Doubt: whether selling a quota to another user is a cession '
         'of a fixed-income title, of which tax is withheld, or a gain for the company''s own books alone. A '
         'cooperative''s is taxed as any company''s (STJ, Sumula 262).')
    ON CONFLICT DO NOTHING
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    """
    Refuses where a company has sold quotas: the tax that was taken of it would have no reason.

    The parameter stays: that it was in force is on record, and nothing reads it.
    """
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM quota_swaps WHERE seller_person <> 'NATURAL') THEN
                RAISE EXCEPTION 'companies have sold quotas: going back would lose why they were taxed';
            END IF;
        END $$
        """
    )
    op.execute("ALTER TABLE quota_swaps DROP COLUMN seller_person")
