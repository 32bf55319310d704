"""
Events say no more what somebody wrote about a person. What is not sent yet goes out in the new form.
"""

from alembic import op

revision = "accounts_0007"
down_revision = "accounts_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    UPDATE outbox SET type = replace(type, '.v1', '.v2'), data = data || jsonb_build_object(
        'identity_check_id',
        (
            SELECT identity_checks.id FROM identity_checks
            WHERE identity_checks.user_id::text = subject AND submitted_at <= occurred_at
            ORDER BY submitted_at DESC LIMIT 1
        )
    )
    WHERE sent_at IS NULL
        AND type IN ('accounts.identity_rejected.v1', 'accounts.identity_upload_requested.v1')
        AND EXISTS (
            SELECT FROM identity_checks WHERE identity_checks.user_id::text = subject AND submitted_at <= occurred_at
        )
    """,
    """
    UPDATE outbox SET data = data - 'reason'
    WHERE type ~ '^accounts\\.identity_(rejected|upload_requested)\\.'
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Nothing comes back: the events are as readable without."""
