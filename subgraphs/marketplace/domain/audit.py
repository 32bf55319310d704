"""What the marketplace keeps of what was decided there. Whose an offering is, everybody sees."""

from subgraphs.marketplace.domain.sagas import SAGAS
from subgraphs.marketplace.models import Decision, OfferingDecision
from subgraphs.shared.audit import PROPOSALS, AuditLog, Trail, acts_of

AUDIT_LOG = AuditLog(
    domain="marketplace",
    trails=(
        Trail(
            name="offerings",
            id=OfferingDecision.id,
            at=OfferingDecision.decided_at,
            actor=OfferingDecision.decided_by,
            action=OfferingDecision.kind,
            actions={
                "OFFERING_TAKEN_IN_PART": Decision.TAKE_PARTIAL,
                "OFFERING_EXTENDED": Decision.EXTEND,
                "OFFERING_CANCELLED": Decision.CANCEL,
            },
            subject=OfferingDecision.offering_id,
        ),
        acts_of(*SAGAS.actions),
        *PROPOSALS,
    ),
)
