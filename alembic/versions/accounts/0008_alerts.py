"""What people are told of in case it was not them, with the link by which they say so; for how long, as a parameter."""

from alembic import op

revision = "accounts_0008"
down_revision = "accounts_0007"
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
    INSERT INTO parameters (name, valid_from, value, note) VALUES
    ('alert_link_hours', '2020-01-01', 168,
     'How long the link in a security alert works: somebody who reads their mail once a week can still say no.')
    """,
    """
    CREATE TABLE alerts (
        id                 uuid NOT NULL,
        user_id            uuid NOT NULL,
        token_hash         bytea NOT NULL,
        email              text NOT NULL,
        email_key          text NOT NULL,
        email_confirmed_at timestamptz,
        created_at         timestamptz NOT NULL,
        expires_at         timestamptz NOT NULL,
        used_at            timestamptz,
        CONSTRAINT pk_alerts PRIMARY KEY (id),
        CONSTRAINT uq_alerts_token_hash UNIQUE (token_hash),
        CONSTRAINT fk_alerts_user_id FOREIGN KEY (user_id) REFERENCES users (id)
    )
    """,
    "CREATE INDEX ix_alerts_user_id ON alerts (user_id)",
    "CREATE INDEX ix_alerts_email_key ON alerts (email_key)",
    "CREATE INDEX ix_alerts_expires_at ON alerts (expires_at)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE alerts")
    op.execute("DROP TABLE parameters")
