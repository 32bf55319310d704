"""Distribution's tables."""

from subgraphs.distribution.models.distribution import Distribution, Payout, PayoutStatus, UndistributedPayment
from subgraphs.distribution.models.holding import (
    CancelledInvestment,
    Funding,
    Installment,
    IssuedCPR,
    Position,
    QuotaSwap,
)
from subgraphs.distribution.models.metadata import Base
from subgraphs.distribution.models.terms import (
    Instrument,
    PerformanceFee,
    TaxBase,
    TaxBracket,
    TaxRule,
    TaxTreatment,
)
from subgraphs.shared.messaging.tables import messaging_tables
from subgraphs.shared.parameters.tables import recorded_rules_table
from subgraphs.shared.proposals import proposals_table
from subgraphs.shared.staff_acts import staff_acts_table
from subgraphs.shared.staff_looks import staff_looks_table
from subgraphs.shared.standing.tables import standing_tables

messaging_tables(Base.metadata)
proposals_table(Base.metadata)
recorded_rules_table(Base.metadata)
staff_acts_table(Base.metadata)
staff_looks_table(Base.metadata)
standing_tables(Base.metadata)

__all__ = [
    "Base",
    "CancelledInvestment",
    "Distribution",
    "Funding",
    "Installment",
    "Instrument",
    "IssuedCPR",
    "Payout",
    "PayoutStatus",
    "PerformanceFee",
    "Position",
    "QuotaSwap",
    "TaxBase",
    "TaxBracket",
    "TaxRule",
    "TaxTreatment",
    "UndistributedPayment",
]
