"""
Events say no more who somebody is. What lies in the outbox loses it; what is not sent yet goes out in the new form.
"""

from alembic import op

revision = "accounts_0004"
down_revision = "accounts_0003"
branch_labels = None
depends_on = None

UPGRADE = (
    """
    UPDATE outbox SET type = replace(type, '.v1', '.v2')
    WHERE sent_at IS NULL
        AND type IN ('accounts.user_registered.v1', 'accounts.profile_updated.v1', 'accounts.identity_verified.v1')
    """,
    """
    UPDATE outbox SET data = data - ARRAY['display_name', 'email', 'phone', 'full_name', 'cpf']
    WHERE data ?| ARRAY['display_name', 'email', 'phone', 'full_name', 'cpf']
    """,
    # What was said about people who have left meanwhile.
    """
    UPDATE outbox SET data = data || '{"reason": ""}'
    FROM users WHERE closed_at IS NOT NULL AND subject = users.id::text AND data ? 'reason'
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    """Nothing comes back: the events are as readable without."""
