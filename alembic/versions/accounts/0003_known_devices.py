"""Devices that have signed in before, and codes that let a new one in while strangers fail."""

from alembic import op

revision = "accounts_0003"
down_revision = "accounts_0002"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE known_devices (
    token_hash   bytea NOT NULL,
    user_id      uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT pk_known_devices PRIMARY KEY (token_hash),
    CONSTRAINT fk_known_devices_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_known_devices_user_id ON known_devices (user_id);
CREATE TABLE sign_in_unlocks (
    account_key bytea NOT NULL,
    code_hash   bytea NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT pk_sign_in_unlocks PRIMARY KEY (account_key)
)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The driver takes one statement at a time.
    for statement in UP.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE sign_in_unlocks, known_devices")
