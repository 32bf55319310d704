"""What distribution keeps of a person, for their own file."""

from subgraphs.distribution.models import Base
from subgraphs.shared.exports.own_data import OwnData, Part

PARTS = (
    Part("positions", "investor_id"),
    Part("payouts", "investor_id"),
    Part("quota_swaps", "seller_id"),
    Part("fundings", "farmer_id"),
    Part("distributions", "farmer_id"),
    Part("undistributed_payments", "farmer_id"),
    Part("staff_looks", "user_id", without=("actor_id", "correlation_id")),
)
LEFT_OUT = {
    "staff_acts": "what staff set going again, of nobody's data",
    "staff_proposals": "what staff want rules to say, of nobody's data",
}

OWN_DATA = OwnData("distribution", Base.metadata, PARTS)
