"""What contracts keeps of what was decided and done there."""

from subgraphs.contracts.domain.sagas import SAGAS
from subgraphs.contracts.models import CollectionStep, Renegotiation
from subgraphs.shared.audit import PROPOSALS, AuditLog, Trail, acts_of

WITHDREW_RENEGOTIATION = "RENEGOTIATION_WITHDRAWN"

AUDIT_LOG = AuditLog(
    domain="contracts",
    trails=(
        Trail(
            name="renegotiations",
            id=Renegotiation.id,
            at=Renegotiation.proposed_at,
            actor=Renegotiation.proposed_by,
            actions={"RENEGOTIATION_PROPOSED": ""},
            subject=Renegotiation.cpr_id,
            person=Renegotiation.farmer_id,
            reason=Renegotiation.reason,
        ),
        Trail(
            name="collection_steps",
            id=CollectionStep.id,
            at=CollectionStep.recorded_at,
            actor=CollectionStep.recorded_by,
            actions={"COLLECTION_STEP_RECORDED": ""},
            subject=CollectionStep.cpr_id,
            person=CollectionStep.farmer_id,
            reason=CollectionStep.note,
        ),
        acts_of(WITHDREW_RENEGOTIATION, *SAGAS.actions, about_people=True),
        *PROPOSALS,
    ),
)
