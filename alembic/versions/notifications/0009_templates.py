"""Notifications go out by SMS as well, and in the language that a person chose."""

from alembic import op

revision = "notifications_0009"
down_revision = "notifications_0008"
branch_labels = None
depends_on = None

UPGRADE = (
    "ALTER TABLE preferences DROP CONSTRAINT ck_preferences_channel_known",
    """
    ALTER TABLE preferences ADD CONSTRAINT ck_preferences_channel_known CHECK (channel IN ('EMAIL', 'PUSH', 'SMS'))
    """,
    """
    CREATE TABLE chosen_languages (
        user_id  uuid NOT NULL,
        language text NOT NULL,
        CONSTRAINT pk_chosen_languages PRIMARY KEY (user_id),
        CONSTRAINT ck_chosen_languages_language_known CHECK (language IN ('PORTUGUESE', 'ENGLISH'))
    )
    """,
)

DOWNGRADE = (
    "DROP TABLE chosen_languages",
    # Nothing carries an SMS then: neither choices about it nor messages on their way have a meaning.
    "DELETE FROM dispatches WHERE channel = 'SMS'",
    "DELETE FROM preferences WHERE channel = 'SMS'",
    "ALTER TABLE preferences DROP CONSTRAINT ck_preferences_channel_known",
    "ALTER TABLE preferences ADD CONSTRAINT ck_preferences_channel_known CHECK (channel IN ('EMAIL', 'PUSH'))",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in DOWNGRADE:
        op.execute(statement)
