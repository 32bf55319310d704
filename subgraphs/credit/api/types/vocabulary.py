"""Credit's own words as GraphQL enums."""

from enum import StrEnum

import strawberry

from subgraphs.credit.models.vocabulary import (
    Certification,
    CreditPurpose,
    DocumentKind,
    LandTenure,
    RequestStatus,
    Verdict,
)

__all__ = ["Certification", "CreditPurpose", "DocumentKind", "FactorSign", "LandTenure", "RequestStatus", "Verdict"]

strawberry.enum(RequestStatus, name="CreditRequestStatus", description="Where a credit request stands.")
strawberry.enum(CreditPurpose, description="What the money is for.")
strawberry.enum(LandTenure, description="By what right the farmer works the land.")
strawberry.enum(Certification, description="A practice that somebody independent has confirmed.")
strawberry.enum(DocumentKind, name="CreditDocumentKind", description="What a document shows.")
strawberry.enum(Verdict, name="CreditVerdict", description="How an analyst decided.")


@strawberry.enum(description="Which way a factor moves the score.")
class FactorSign(StrEnum):
    POSITIVE = "POSITIVE"
    """It raises the score."""
    NEUTRAL = "NEUTRAL"
    """It changes nothing."""
    NEGATIVE = "NEGATIVE"
    """It lowers the score."""
