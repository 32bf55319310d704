"""What the wallet keeps of what was decided there. What a proposal moves, `moneyProposals` shows."""

from subgraphs.shared.audit import PROPOSALS, AuditLog, Trail, acts_of
from subgraphs.wallet.domain.sagas import SAGAS
from subgraphs.wallet.models import StaffAction, StaffActionKind

AUDIT_LOG = AuditLog(
    domain="wallet",
    trails=(
        Trail(
            name="alone",
            id=StaffAction.id,
            at=StaffAction.at,
            actor=StaffAction.actor_id,
            action=StaffAction.action,
            actions={kind.value: kind for kind in StaffActionKind},
            # Since there are proposals, these say it, and with both names.
            only=StaffAction.proposal_id.is_(None),
            subject=StaffAction.subject_id,
            reason=StaffAction.reason,
        ),
        acts_of(*SAGAS.actions),
        *PROPOSALS,
    ),
)
