"""What the marketplace keeps of a person, for their own file. The other side of a trade is another person's."""

from subgraphs.marketplace.models import Base
from subgraphs.shared.exports.own_data import OwnData, Part

_TECHNICAL = ("idempotency_key", "request_digest")

PARTS = (
    Part("investors", "user_id"),
    Part("investments", "investor_id", without=("farmer_id", *_TECHNICAL)),
    Part("quota_positions", "investor_id", without=("farmer_id",)),
    Part("quota_offers", "seller_id", without=("farmer_id", *_TECHNICAL)),
    Part("quota_purchases", "buyer_id", without=("farmer_id", "seller_id", "fee_minor", "tax_minor", *_TECHNICAL)),
    Part("offerings", "farmer_id"),
    Part("told_consents", "user_id", without=("version",)),
    Part("offering_decisions", "decided_by", without=("idempotency_key",)),
)
LEFT_OUT = {
    "idempotency_keys": "names that the person's own app made",
    "staff_acts": "what staff set going again, of nobody's data",
    "staff_proposals": "what staff want rules to say, of nobody's data",
}

OWN_DATA = OwnData("marketplace", Base.metadata, PARTS)
