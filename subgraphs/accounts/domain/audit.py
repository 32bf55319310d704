"""What accounts keeps of what was decided and done there."""

from sqlalchemy import func

from subgraphs.accounts.models import AuditAction, AuditEntry, DeadLetterAct, DeadLetterAction
from subgraphs.shared.audit import PROPOSALS, AuditLog, Trail

LETTERS_CHARACTERS = 500
"""Of the list of what was replayed or purged; all of it is in `deadLetterActs`."""

AUDIT_LOG = AuditLog(
    domain="accounts",
    trails=(
        Trail(
            name="people",
            id=AuditEntry.id,
            at=AuditEntry.occurred_at,
            actor=AuditEntry.actor_id,
            action=AuditEntry.action,
            actions={action.value: action for action in AuditAction},
            subject=AuditEntry.subject_id,
            person=AuditEntry.user_id,
            reason=AuditEntry.reason,
        ),
        Trail(
            name="letters",
            id=DeadLetterAct.id,
            at=DeadLetterAct.at,
            actor=DeadLetterAct.actor_id,
            action=DeadLetterAct.action,
            actions={
                "DEAD_LETTERS_REPLAYED": DeadLetterAction.REPLAY,
                "DEAD_LETTERS_PURGED": DeadLetterAction.PURGE,
            },
            detail=func.left(func.array_to_string(DeadLetterAct.letters, " "), LETTERS_CHARACTERS),
            reason=DeadLetterAct.reason,
            correlation_id=DeadLetterAct.correlation_id,
        ),
        *PROPOSALS,
    ),
)
