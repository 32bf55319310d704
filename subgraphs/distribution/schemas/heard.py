"""What distribution reads of other domains' facts: only the fields that it needs."""

from datetime import date, datetime
from uuid import UUID

import pydantic

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.person_kind import PersonKind


class InvestmentConfirmed(EventPayload, type="marketplace.investment_confirmed.v1", subject="investment_id"):
    investment_id: UUID
    cpr_id: UUID
    investor_id: UUID
    quota_count: int
    amount_minor: int
    confirmed_at: datetime
    person: PersonKind = PersonKind.NATURAL


class InvestmentCancelled(EventPayload, type="marketplace.investment_cancelled.v1", subject="investment_id"):
    investment_id: UUID


class OfferingFunded(EventPayload, type="marketplace.offering_funded.v1", subject="offering_id"):
    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    grade: str
    principal_minor: int
    quota_count: int
    investment_count: int
    funded_at: datetime | None = None
    """The event's own time when left out."""


class ScheduledInstallment(pydantic.BaseModel):
    """One line of the final schedule."""

    installment_id: UUID
    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    carried_late_minor: int = 0
    """Left out by schedules that were signed: they carry nothing."""
    amount_minor: int


class CPRActivated(EventPayload, type="contracts.cpr_activated.v1", subject="cpr_id"):
    cpr_id: UUID
    issued_on: date | None = None
    """Left out by messages from before it was told."""
    installments: list[ScheduledInstallment]


class CPRRenegotiated(EventPayload, type="contracts.cpr_renegotiated.v1", subject="cpr_id"):
    cpr_id: UUID
    installments: list[ScheduledInstallment]


class PaymentConfirmed(EventPayload, type="wallet.payment_confirmed.v1", subject="installment_id"):
    payment_id: UUID
    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    amount_minor: int
    confirmed_at: datetime
    swaps_before: int = 0
    """How many swaps of the CPR's quotas came before it. Payments from before there were any did not say so."""
    number: int = 1
    """This and the following are left out by messages from before installments were paid in parts, or early."""
    settled_before_minor: int = 0
    late_minor: int | None = None
    reduction_minor: int = 0


class QuotasSwapped(EventPayload, type="wallet.quotas_swapped.v1", subject="purchase_id"):
    purchase_id: UUID
    number: int
    cpr_id: UUID
    investment_id: UUID
    seller_position_id: UUID
    seller_id: UUID
    buyer_id: UUID
    buyer_person: PersonKind = PersonKind.NATURAL
    quota_count: int
    price_minor: int
    cost_minor: int
    fee_minor: int
    tax_minor: int
    swapped_at: datetime


class PayoutCredited(EventPayload, type="wallet.payout_credited.v1", subject="payout_id"):
    payout_id: UUID
    amount_minor: int


class AnswerAwaited(EventPayload, type="wallet.answer_awaited.v1", subject="subject_id"):
    what: str
    subject_id: UUID
