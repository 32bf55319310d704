"""What contracts reads of other domains' facts: only the fields that it needs."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from subgraphs.shared.messaging.event import EventPayload


class RequestApproved(EventPayload, type="credit.request_approved.v1", subject="credit_request_id"):
    credit_request_id: UUID
    farmer_id: UUID
    amount_minor: int
    term_months: int
    amortisation: str
    purpose: str
    crop: str
    hectares: Decimal
    region: str
    municipality: str
    families_benefited: int
    grade: str


class OfferingFunded(EventPayload, type="marketplace.offering_funded.v1", subject="offering_id"):
    offering_id: UUID
    cpr_id: UUID


class OfferingCancelled(EventPayload, type="marketplace.offering_cancelled.v1", subject="offering_id"):
    offering_id: UUID
    cpr_id: UUID


class CPRDisbursed(EventPayload, type="wallet.cpr_disbursed.v1", subject="cpr_id"):
    cpr_id: UUID
    principal_minor: int
    disbursed_at: datetime


class PaymentConfirmed(EventPayload, type="wallet.payment_confirmed.v1", subject="payment_id"):
    payment_id: UUID
    installment_id: UUID
    cpr_id: UUID
    amount_minor: int
    method: str
    confirmed_at: datetime
    paid_at: datetime | None = None
    """When the payer paid. This and the following are left out by messages from before parts of payments were kept."""
    number: int = 1
    settled_before_minor: int = 0
    late_days: int = 0
    late_minor: int | None = None
    late_left_minor: int = 0
    reduction_minor: int = 0


class RollHolder(BaseModel):
    """A holder of a CPR's quotas, and how many of them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    investor_id: UUID
    quota_count: Annotated[int, Field(gt=0)]


class QuotaRollTold(EventPayload, type="marketplace.quota_roll_told.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    quota_count: Annotated[int, Field(gt=0)]
    holders: Annotated[tuple[RollHolder, ...], Field(min_length=1)]


class ScheduleReplaced(EventPayload, type="wallet.schedule_replaced.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    replaced_at: datetime


class ScheduleKept(EventPayload, type="wallet.schedule_kept.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    reason: str


class AccountClosed(EventPayload, type="accounts.account_closed.v1", subject="user_id"):
    user_id: UUID
