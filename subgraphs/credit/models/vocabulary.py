"""Words of credit alone."""

from enum import StrEnum


class RequestStatus(StrEnum):
    """Where a request stands; each change is a dated step."""

    SUBMITTED = "SUBMITTED"
    SCORING = "SCORING"
    IN_ANALYSIS = "IN_ANALYSIS"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


OPEN_STATUSES = (RequestStatus.SUBMITTED, RequestStatus.SCORING, RequestStatus.IN_ANALYSIS)
"""Not decided yet; a farmer has at most one such request."""


class CreditPurpose(StrEnum):
    """What the money is for."""

    INPUTS = "INPUTS"
    OPERATING_COSTS = "OPERATING_COSTS"
    MACHINERY = "MACHINERY"
    IRRIGATION = "IRRIGATION"
    STORAGE = "STORAGE"
    SOIL_RECOVERY = "SOIL_RECOVERY"
    EXPANSION = "EXPANSION"
    SELLING = "SELLING"


class LandTenure(StrEnum):
    """By what right the farmer works the land."""

    OWNED = "OWNED"
    SETTLEMENT = "SETTLEMENT"
    PARTNERSHIP = "PARTNERSHIP"
    LEASED = "LEASED"
    POSSESSION = "POSSESSION"


class Certification(StrEnum):
    """A practice that somebody independent has confirmed."""

    ORGANIC = "ORGANIC"
    FAIR_TRADE = "FAIR_TRADE"
    RAINFOREST_ALLIANCE = "RAINFOREST_ALLIANCE"
    GLOBAL_GAP = "GLOBAL_GAP"
    RESPONSIBLE_SOY = "RESPONSIBLE_SOY"
    BONSUCRO = "BONSUCRO"
    CARBON = "CARBON"
    GOOD_PRACTICES = "GOOD_PRACTICES"


class DocumentKind(StrEnum):
    """What a document shows."""

    LAND_TITLE = "LAND_TITLE"
    LEASE_CONTRACT = "LEASE_CONTRACT"
    CAR_RECEIPT = "CAR_RECEIPT"
    HARVEST_REPORT = "HARVEST_REPORT"
    INVOICE = "INVOICE"
    TAX_RETURN = "TAX_RETURN"
    TECHNICAL_PLAN = "TECHNICAL_PLAN"
    CERTIFICATE = "CERTIFICATE"
    INSURANCE = "INSURANCE"
    OTHER = "OTHER"


class Verdict(StrEnum):
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
