"""What contracts keeps of a person, for their own file."""

from subgraphs.contracts.models import Base
from subgraphs.shared.exports.own_data import OwnData, Part

_OF_CPR = "row.cpr_id IN (SELECT id FROM cprs WHERE farmer_id = :person)"

PARTS = (
    Part("cprs", "farmer_id"),
    Part("installments", where=_OF_CPR),
    Part(
        "installment_payments",
        where="row.installment_id IN (SELECT owed.id FROM installments AS owed JOIN cprs ON cprs.id = owed.cpr_id "
        "WHERE cprs.farmer_id = :person)",
    ),
    Part("provider_orders", where=_OF_CPR),
    Part("renegotiations", "farmer_id", without=("proposed_by",)),
    Part(
        "renegotiated_installments",
        where="row.renegotiation_id IN (SELECT id FROM renegotiations WHERE farmer_id = :person)",
    ),
    Part("renegotiation_voters", "investor_id"),
    Part("collection_steps", "farmer_id", without=("recorded_by",)),
    Part("staff_looks", "user_id", without=("actor_id", "correlation_id")),
)
LEFT_OUT = {
    "idempotency_keys": "names that the person's own app made",
    "staff_acts": "what staff did, of which a person sees what came of it",
    "staff_proposals": "what staff want rules to say, of nobody's data",
}

OWN_DATA = OwnData("contracts", Base.metadata, PARTS)
