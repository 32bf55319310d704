"""
What staff wrote about people is read where it belongs. What had been told with it is told without.
"""

from alembic import op

revision = "notifications_0007"
down_revision = "notifications_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    UPDATE notifications SET
        body = 'Não foi possível verificar sua identidade. O motivo está no seu perfil.',
        body_english = 'Your identity could not be verified. The reason is in your profile.'
    WHERE title = 'Identidade não verificada'
    """,
    """
    UPDATE notifications SET
        body = 'Para concluir a verificação da sua identidade, envie outra foto. '
            'O que ela precisa mostrar está no seu perfil.',
        body_english = 'To complete the check of your identity, send another photo. '
            'What it has to show is in your profile.'
    WHERE title = 'Precisamos de outra foto'
    """,
    """
    UPDATE notifications SET
        body = 'Seu pedido de crédito não foi aprovado. O motivo está no pedido.',
        body_english = 'Your credit request was not approved. The reason is in the request.'
    WHERE title = 'Pedido não aprovado'
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Nothing comes back: the reasons are in accounts and credit."""
