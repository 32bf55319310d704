"""Push messages go to the devices that people register."""

from alembic import op

revision = "notifications_0010"
down_revision = "notifications_0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE push_devices (
        id            uuid NOT NULL,
        user_id       uuid NOT NULL,
        token         text NOT NULL,
        platform      text NOT NULL,
        language      text,
        registered_at timestamptz NOT NULL,
        CONSTRAINT pk_push_devices PRIMARY KEY (id),
        CONSTRAINT uq_push_devices_token UNIQUE (token),
        CONSTRAINT ck_push_devices_platform_known CHECK (platform IN ('ANDROID', 'IOS', 'WEB')),
        CONSTRAINT ck_push_devices_language_known CHECK (language IN ('PORTUGUESE', 'ENGLISH'))
    )
    """,
    "CREATE INDEX ix_push_devices_user_id ON push_devices (user_id, registered_at)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE push_devices")
