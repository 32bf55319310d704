"""What credit keeps of what was decided there."""

from subgraphs.credit.models import CreditRequest, Decision, Verdict
from subgraphs.shared.audit import PROPOSALS, AuditLog, Trail

AUDIT_LOG = AuditLog(
    domain="credit",
    trails=(
        Trail(
            name="requests",
            id=Decision.credit_request_id,
            at=Decision.decided_at,
            actor=Decision.analyst_id,
            action=Decision.verdict,
            actions={"REQUEST_APPROVED": Verdict.APPROVED, "REQUEST_REJECTED": Verdict.REJECTED},
            subject=Decision.credit_request_id,
            joined=CreditRequest.id,
            person=CreditRequest.farmer_id,
            reason=Decision.reason,
            correlation_id=Decision.correlation_id,
        ),
        *PROPOSALS,
    ),
)
