"""Inboxes, preferences, dispatches and time lines."""

from alembic import op
from subgraphs.shared.messaging.tables import create_messaging_tables, drop_messaging_tables

revision = "notifications_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE recipients (
        user_id      uuid NOT NULL,
        display_name text NOT NULL,
        email        text,
        phone        text,
        closed_at    timestamptz,
        CONSTRAINT pk_recipients PRIMARY KEY (user_id)
    )
    """,
    """
    CREATE TABLE notifications (
        id            uuid        NOT NULL,
        user_id       uuid        NOT NULL,
        category      text        NOT NULL,
        title         text        NOT NULL,
        body          text        NOT NULL,
        title_english text        NOT NULL,
        body_english  text        NOT NULL,
        subject_type  text,
        subject_id    uuid,
        occurred_at   timestamptz NOT NULL,
        read_at       timestamptz,
        event_id      uuid        NOT NULL,
        CONSTRAINT pk_notifications PRIMARY KEY (id),
        CONSTRAINT uq_notifications_event_id_user_id_category UNIQUE (event_id, user_id, category),
        CONSTRAINT ck_notifications_read_after_it_happened CHECK (read_at IS NULL OR read_at >= occurred_at)
    )
    """,
    "CREATE INDEX ix_notifications_user_id ON notifications (user_id, occurred_at, id)",
    "CREATE INDEX ix_notifications_unread ON notifications (user_id) WHERE read_at IS NULL",
    """
    CREATE TABLE preferences (
        user_id  uuid    NOT NULL,
        category text    NOT NULL,
        channel  text    NOT NULL,
        enabled  boolean NOT NULL,
        CONSTRAINT pk_preferences PRIMARY KEY (user_id, category, channel),
        CONSTRAINT ck_preferences_channel_known CHECK (channel IN ('EMAIL', 'PUSH'))
    )
    """,
    """
    CREATE TABLE dispatches (
        id              uuid        NOT NULL,
        notification_id uuid        NOT NULL,
        channel         text        NOT NULL,
        status          text        NOT NULL,
        attempts        bigint      NOT NULL,
        due_at          timestamptz NOT NULL,
        sent_at         timestamptz,
        last_error      text,
        CONSTRAINT pk_dispatches PRIMARY KEY (id),
        CONSTRAINT uq_dispatches_notification_id_channel UNIQUE (notification_id, channel),
        CONSTRAINT fk_dispatches_notification_id FOREIGN KEY (notification_id) REFERENCES notifications (id),
        CONSTRAINT ck_dispatches_status_known CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
        CONSTRAINT ck_dispatches_sent_has_instant CHECK ((status = 'SENT') = (sent_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_dispatches_due ON dispatches (due_at) WHERE status = 'PENDING'",
    """
    CREATE TABLE activities (
        id          uuid        NOT NULL,
        user_id     uuid        NOT NULL,
        type        text        NOT NULL,
        occurred_at timestamptz NOT NULL,
        CONSTRAINT pk_activities PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_activities_user_id ON activities (user_id, occurred_at, id)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    create_messaging_tables(op)


def downgrade() -> None:
    drop_messaging_tables(op)
    for table in ("activities", "dispatches", "preferences", "notifications", "recipients"):
        op.execute(f"DROP TABLE {table}")
