"""What bounds money that leaves: fresh proofs, a cooling-off time, night limits; as dated parameters."""

from alembic import op

revision = "wallet_0008"
down_revision = "wallet_0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE parameters (
        name text NOT NULL,
        valid_from date NOT NULL,
        value bigint NOT NULL,
        note text NOT NULL,
        CONSTRAINT pk_parameters PRIMARY KEY (name, valid_from),
        CONSTRAINT ck_parameters_not_negative CHECK (value >= 0)
    )
    """,
    """
    CREATE TABLE night_limits (
        user_id uuid NOT NULL CONSTRAINT pk_night_limits PRIMARY KEY,
        limit_minor bigint NOT NULL,
        raised_minor bigint,
        raised_from timestamptz
    )
    """,
    """
    CREATE TABLE money_out_pauses (
        user_id uuid NOT NULL CONSTRAINT pk_money_out_pauses PRIMARY KEY,
        since timestamptz NOT NULL,
        reason text NOT NULL
    )
    """,
    """
    INSERT INTO parameters (name, valid_from, value, note) VALUES
    ('fresh_proof_seconds', '2020-01-01', 300,
     'A withdrawal or a new bank account needs a password or second factor proved within five minutes (RFC 9470).'),
    ('cooling_off_hours', '2020-01-01', 24,
     'After a new bank account or a reset password only small sums leave: the owner has a day to notice.'),
    ('cooling_off_minor_max', '2020-01-01', 20000,
     'What may leave in that time in all. R$ 200 is what Res. BCB 403/2024 lets a device unknown to the bank send.'),
    ('night_from_hour', '2020-01-01', 20, 'Res. BCB 142/2021: the night begins at 20:00 in Brasília.'),
    ('night_to_hour', '2020-01-01', 6, 'Res. BCB 142/2021: the night ends at 06:00 in Brasília.'),
    ('night_limit_minor', '2020-01-01', 100000,
     'Res. BCB 142/2021: R$ 1,000 a night between natural persons, unless the person has chosen otherwise.'),
    ('night_raise_hours', '2020-01-01', 24,
     'Res. BCB 142/2021: a higher limit holds after 24 to 48 hours, a lower one at once.')
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE money_out_pauses")
    op.execute("DROP TABLE night_limits")
    op.execute("DROP TABLE parameters")
