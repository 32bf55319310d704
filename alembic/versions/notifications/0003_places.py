"""
Every notification gets its place in its person's inbox: 1, 2, 3, … in the order in which they were committed.

Live subscriptions go by it. Instants and ids do not tell that order: a fact is told later than another that happened
after it, and a transaction that began first may commit last. So whoever adds to an inbox holds its lock until the
commit, and nobody can see a place before the ones below it.
"""

from alembic import op

revision = "notifications_0003"
down_revision = "notifications_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE notifications ADD COLUMN place bigint",
    """
    UPDATE notifications SET place = numbered.place
    FROM (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM notifications) AS numbered
    WHERE notifications.id = numbered.id
    """,
    "ALTER TABLE notifications ALTER COLUMN place SET NOT NULL",
    "ALTER TABLE notifications ADD CONSTRAINT uq_notifications_user_id_place UNIQUE (user_id, place)",
    """
    CREATE FUNCTION take_place_in_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('inbox ' || NEW.user_id, 0));
        -- Read after the lock was granted, so it sees what the one before us has committed.
        NEW.place := 1 + coalesce((SELECT max(place) FROM notifications WHERE user_id = NEW.user_id), 0);
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION tell_listeners() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Sent with the commit, and never without it.
        PERFORM pg_notify('inbox', NEW.user_id::text);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER take_place_in_inbox BEFORE INSERT ON notifications
    FOR EACH ROW EXECUTE FUNCTION take_place_in_inbox()
    """,
    """
    CREATE TRIGGER tell_listeners AFTER INSERT ON notifications
    FOR EACH ROW EXECUTE FUNCTION tell_listeners()
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER tell_listeners ON notifications")
    op.execute("DROP TRIGGER take_place_in_inbox ON notifications")
    op.execute("DROP FUNCTION tell_listeners")
    op.execute("DROP FUNCTION take_place_in_inbox")
    op.execute("ALTER TABLE notifications DROP COLUMN place")
