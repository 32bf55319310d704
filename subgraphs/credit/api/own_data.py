"""What credit keeps of a person, for their own file. The documents themselves are downloaded one by one."""

from subgraphs.credit.models import Base
from subgraphs.shared.exports.own_data import OwnData, Part

PARTS = (
    Part("applicants", "user_id", without=("version",)),
    Part("credit_requests", "farmer_id"),
    Part(
        "request_steps",
        where="row.credit_request_id IN (SELECT id FROM credit_requests WHERE farmer_id = :person)",
    ),
    Part("documents", "farmer_id"),
    Part("agro_scores", "farmer_id"),
    Part("score_factors", where="row.score_id IN (SELECT id FROM agro_scores WHERE farmer_id = :person)"),
    Part(
        "decisions",
        where="row.credit_request_id IN (SELECT id FROM credit_requests WHERE farmer_id = :person)",
        without=("analyst_id", "correlation_id"),
    ),
    Part("cpr_gradings", "farmer_id"),
    Part("repayment_records", "farmer_id"),
    Part("told_consents", "user_id", without=("version",)),
    Part("staff_looks", "user_id", without=("actor_id", "correlation_id")),
)
LEFT_OUT = {
    "idempotency_keys": "names that the person's own app made",
    "staff_proposals": "what staff want rules to say, of nobody's data",
}

OWN_DATA = OwnData("credit", Base.metadata, PARTS)
