"""
Names and addresses are asked of accounts when a message goes out, and kept here no more.

What had been told with a name in it is told without; what belonged to closed accounts goes.
"""

from alembic import op

revision = "notifications_0006"
down_revision = "notifications_0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE closed_people (
        user_id   uuid        NOT NULL,
        closed_at timestamptz NOT NULL,
        CONSTRAINT pk_closed_people PRIMARY KEY (user_id)
    )
    """,
    "INSERT INTO closed_people SELECT user_id, closed_at FROM recipients WHERE closed_at IS NOT NULL",
    "DROP TABLE recipients",
    """
    DELETE FROM dispatches USING notifications
    WHERE notification_id = notifications.id AND user_id IN (SELECT user_id FROM closed_people)
    """,
    "DELETE FROM notifications WHERE user_id IN (SELECT user_id FROM closed_people)",
    "DELETE FROM activities WHERE user_id IN (SELECT user_id FROM closed_people)",
    "DELETE FROM preferences WHERE user_id IN (SELECT user_id FROM closed_people)",
    """
    UPDATE notifications SET body = 'Sua conta foi criada.', body_english = 'Your account has been created.'
    WHERE title = 'Boas-vindas à Peerseed'
    """,
    # A carrier's words may repeat the address.
    "UPDATE dispatches SET last_error = 'the carrier refused it' WHERE last_error IS NOT NULL",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE recipients (
            user_id      uuid NOT NULL,
            display_name text NOT NULL,
            email        text,
            phone        text,
            closed_at    timestamptz,
            version      bigint NOT NULL DEFAULT 0,
            CONSTRAINT pk_recipients PRIMARY KEY (user_id)
        )
        """
    )
    op.execute(
        "INSERT INTO recipients (user_id, display_name, closed_at) SELECT user_id, '', closed_at FROM closed_people"
    )
    op.execute("DROP TABLE closed_people")
