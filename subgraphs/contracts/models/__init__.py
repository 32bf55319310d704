"""Contracts' tables."""

from subgraphs.contracts.models.collection import CollectionStep
from subgraphs.contracts.models.cpr import CPR, Installment, InstallmentPayment
from subgraphs.contracts.models.orm import Base
from subgraphs.contracts.models.policy import ContractPolicy, GradeRate
from subgraphs.contracts.models.provider_order import AnswerToSeal, ProviderOrder, WebhookReceipt
from subgraphs.contracts.models.renegotiation import (
    RenegotiatedInstallment,
    Renegotiation,
    RenegotiationPolicy,
    RenegotiationVoter,
)
from subgraphs.contracts.models.vocabulary import (
    OPEN_RENEGOTIATIONS,
    UNDER_REPAYMENT,
    BusinessDayRule,
    CollectionStepKind,
    CPRStatus,
    InstallmentStatus,
    OrderStatus,
    Party,
    PaymentOutcome,
    RateConversion,
    RenegotiationStatus,
    Silence,
)

__all__ = [
    "CPR",
    "OPEN_RENEGOTIATIONS",
    "UNDER_REPAYMENT",
    "AnswerToSeal",
    "Base",
    "BusinessDayRule",
    "CPRStatus",
    "CollectionStep",
    "CollectionStepKind",
    "ContractPolicy",
    "GradeRate",
    "Installment",
    "InstallmentPayment",
    "InstallmentStatus",
    "OrderStatus",
    "Party",
    "PaymentOutcome",
    "ProviderOrder",
    "RateConversion",
    "RenegotiatedInstallment",
    "Renegotiation",
    "RenegotiationPolicy",
    "RenegotiationStatus",
    "RenegotiationVoter",
    "Silence",
    "WebhookReceipt",
]
