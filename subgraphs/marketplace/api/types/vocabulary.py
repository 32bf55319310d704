"""The domain's enumerations, as the graph names them; their members are explained where the code defines them."""

import strawberry

from subgraphs.marketplace.crud.offering_search import OfferingSort
from subgraphs.marketplace.crud.quota_offer_search import QuotaOfferSort
from subgraphs.marketplace.models import (
    InvestmentStatus,
    OfferingStatus,
    PositionEnd,
    QuotaOfferStatus,
    QuotaPurchaseStatus,
)

strawberry.enum(OfferingStatus, description="Where an offering stands.")
strawberry.enum(InvestmentStatus, description="Where an investment stands.")
strawberry.enum(OfferingSort, description="The order of a list of offerings.")
strawberry.enum(PositionEnd, description="How a position ended.")
strawberry.enum(QuotaOfferStatus, description="Where an offer of quotas stands.")
strawberry.enum(QuotaOfferSort, description="The order of a list of offers of quotas.")
strawberry.enum(QuotaPurchaseStatus, description="Where a purchase of quotas stands.")


__all__ = [
    "InvestmentStatus",
    "OfferingSort",
    "OfferingStatus",
    "PositionEnd",
    "QuotaOfferSort",
    "QuotaOfferStatus",
    "QuotaPurchaseStatus",
]
