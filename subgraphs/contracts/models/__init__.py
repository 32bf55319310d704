"""Contracts' tables."""

from subgraphs.contracts.models.cpr import CPR, Installment, InstallmentPayment
from subgraphs.contracts.models.orm import Base
from subgraphs.contracts.models.policy import ContractPolicy, GradeRate
from subgraphs.contracts.models.provider_order import AnswerToSeal, ProviderOrder, WebhookReceipt
from subgraphs.contracts.models.vocabulary import (
    UNDER_REPAYMENT,
    BusinessDayRule,
    CPRStatus,
    InstallmentStatus,
    OrderStatus,
    Party,
    PaymentOutcome,
    RateConversion,
)

__all__ = [
    "CPR",
    "UNDER_REPAYMENT",
    "AnswerToSeal",
    "Base",
    "BusinessDayRule",
    "CPRStatus",
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
    "WebhookReceipt",
]
