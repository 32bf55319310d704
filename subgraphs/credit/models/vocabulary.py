"""Words of credit alone."""

from enum import StrEnum


class RequestStatus(StrEnum):
    """Where a request stands; each change is a dated step."""

    SUBMITTED = "SUBMITTED"
    """It has come in; scoring is about to begin."""
    SCORING = "SCORING"
    """The bureau is asked and the AgroScore computed."""
    IN_ANALYSIS = "IN_ANALYSIS"
    """It has a score and waits for an analyst."""
    APPROVED = "APPROVED"
    """Credit is given; a CPR is drafted from it."""
    REJECTED = "REJECTED"
    """Credit is refused; `decision.reason` says why."""


OPEN_STATUSES = (RequestStatus.SUBMITTED, RequestStatus.SCORING, RequestStatus.IN_ANALYSIS)
"""Not decided yet; a farmer has at most one such request."""


class CreditPurpose(StrEnum):
    """What the money is for."""

    INPUTS = "INPUTS"
    """Seed, fertiliser and other inputs (insumos)."""
    OPERATING_COSTS = "OPERATING_COSTS"
    """What the cycle costs otherwise: labour, fuel, services (custeio)."""
    MACHINERY = "MACHINERY"
    """Machines and implements."""
    IRRIGATION = "IRRIGATION"
    """Pumps, pipes and pivots to water the land."""
    STORAGE = "STORAGE"
    """Silos, sheds and cold rooms."""
    SOIL_RECOVERY = "SOIL_RECOVERY"
    """Making worn-out soil or pasture good again."""
    EXPANSION = "EXPANSION"
    """Working more land, or more of it."""
    SELLING = "SELLING"
    """Bringing the harvest to the market (comercialização)."""


class LandTenure(StrEnum):
    """By what right the farmer works the land."""

    OWNED = "OWNED"
    """It is the farmer's own (proprietário)."""
    SETTLEMENT = "SETTLEMENT"
    """It was given in a land reform settlement (assentado)."""
    PARTNERSHIP = "PARTNERSHIP"
    """It is shared with its owner for a part of the harvest (parceria)."""
    LEASED = "LEASED"
    """It is leased (arrendatário)."""
    POSSESSION = "POSSESSION"
    """It is held without a title (posse)."""


class Certification(StrEnum):
    """A practice that somebody independent has confirmed."""

    ORGANIC = "ORGANIC"
    """Organic production (orgânico)."""
    FAIR_TRADE = "FAIR_TRADE"
    """Fair trade (comércio justo)."""
    RAINFOREST_ALLIANCE = "RAINFOREST_ALLIANCE"
    """The Rainforest Alliance's seal, as for coffee and cocoa."""
    GLOBAL_GAP = "GLOBAL_GAP"
    """GLOBALG.A.P., good agricultural practice for export."""
    RESPONSIBLE_SOY = "RESPONSIBLE_SOY"
    """Responsible soy (RTRS and the like)."""
    BONSUCRO = "BONSUCRO"
    """Bonsucro, for sugarcane."""
    CARBON = "CARBON"
    """Carbon that is kept or saved, certified."""
    GOOD_PRACTICES = "GOOD_PRACTICES"
    """A Brazilian programme of good agricultural practices."""


class DocumentKind(StrEnum):
    """What a document shows."""

    LAND_TITLE = "LAND_TITLE"
    """That the land is the farmer's (matrícula, escritura)."""
    LEASE_CONTRACT = "LEASE_CONTRACT"
    """That the land is leased (contrato de arrendamento)."""
    CAR_RECEIPT = "CAR_RECEIPT"
    """The registration in the environmental register (recibo do CAR)."""
    HARVEST_REPORT = "HARVEST_REPORT"
    """What was harvested (laudo de safra)."""
    INVOICE = "INVOICE"
    """A sale or a purchase (nota fiscal)."""
    TAX_RETURN = "TAX_RETURN"
    """Income as declared to the state (declaração de imposto de renda)."""
    TECHNICAL_PLAN = "TECHNICAL_PLAN"
    """What is to be grown and how (projeto técnico)."""
    CERTIFICATE = "CERTIFICATE"
    """One of the certifications."""
    INSURANCE = "INSURANCE"
    """Insurance of the crop (apólice de seguro rural)."""
    OTHER = "OTHER"
    """Anything else."""


class Verdict(StrEnum):
    APPROVED = "APPROVED"
    """Credit is given."""
    REJECTED = "REJECTED"
    """Credit is refused."""
