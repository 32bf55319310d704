"""The marketplace's tables."""

from subgraphs.marketplace.models.installment import Installment
from subgraphs.marketplace.models.investment import Investment, InvestmentStatus, PositionEnd, QuotaPosition
from subgraphs.marketplace.models.investor import Investor
from subgraphs.marketplace.models.metadata import Base
from subgraphs.marketplace.models.offering import (
    CancelledCPR,
    Decision,
    Offering,
    OfferingDecision,
    OfferingMilestone,
    OfferingStatus,
)
from subgraphs.marketplace.models.parameter import Deductions, Parameter
from subgraphs.marketplace.models.secondary import QuotaOffer, QuotaOfferStatus, QuotaPurchase, QuotaPurchaseStatus
from subgraphs.shared.idempotency import idempotency_table
from subgraphs.shared.messaging.tables import messaging_tables
from subgraphs.shared.parameters.tables import recorded_rules_table
from subgraphs.shared.proposals import proposals_table
from subgraphs.shared.staff_acts import staff_acts_table
from subgraphs.shared.standing.tables import standing_tables

idempotency_table(Base.metadata)
messaging_tables(Base.metadata)
proposals_table(Base.metadata)
recorded_rules_table(Base.metadata)
staff_acts_table(Base.metadata)
standing_tables(Base.metadata)

__all__ = [
    "Base",
    "CancelledCPR",
    "Decision",
    "Deductions",
    "Installment",
    "Investment",
    "InvestmentStatus",
    "Investor",
    "Offering",
    "OfferingDecision",
    "OfferingMilestone",
    "OfferingStatus",
    "Parameter",
    "PositionEnd",
    "QuotaOffer",
    "QuotaOfferStatus",
    "QuotaPosition",
    "QuotaPurchase",
    "QuotaPurchaseStatus",
]
