"""What the wallet reads of other domains' facts: only the fields that it needs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.schemas.events import Minor, PositiveMinor


class UserRegistered(EventPayload, type="accounts.user_registered.v2", subject="user_id"):
    user_id: UUID


class UserRegisteredV1(UserRegistered, type="accounts.user_registered.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling names."""


class IdentityVerified(EventPayload, type="accounts.identity_verified.v2", subject="user_id"):
    user_id: UUID


class IdentityVerifiedV1(IdentityVerified, type="accounts.identity_verified.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling names."""


PAUSING = frozenset(
    {
        "PASSWORD_RESET",
        "EMAIL_CHANGE_REQUESTED",
        "EMAIL_CHANGED",
        "TOTP_DISABLED",
        "RECOVERY_CODE_USED",
        "REFRESH_TOKEN_REUSED",
    }
)
"""Alerts upon which only small sums leave for a while: somebody else may have come into the account by them."""


class SecurityAlert(EventPayload, type="accounts.security_alert.v1", subject="user_id"):
    """Something happened that might not have been the person."""

    user_id: UUID
    kind: str


class AccountClosed(EventPayload, type="accounts.account_closed.v1", subject="user_id"):
    user_id: UUID


class InvestmentRequested(EventPayload, type="marketplace.investment_requested.v1", subject="investment_id"):
    investment_id: UUID
    offering_id: UUID
    investor_id: UUID
    quota_count: Annotated[int, Field(gt=0)]
    amount_minor: PositiveMinor


class QuotasWanted(EventPayload, type="marketplace.quotas_wanted.v1", subject="purchase_id"):
    purchase_id: UUID
    cpr_id: UUID
    investment_id: UUID
    position_id: UUID
    position_quotas: Annotated[int, Field(gt=0)]
    """All that the position began with."""
    seller_id: UUID
    buyer_id: UUID
    seller_person: PersonKind = PersonKind.NATURAL
    buyer_person: PersonKind = PersonKind.NATURAL
    quota_count: Annotated[int, Field(gt=0)]
    price_minor: PositiveMinor
    paid_installments: Annotated[int, Field(ge=0)]
    """How many installments were paid as far as the buyer was told."""
    received_payments: Annotated[int, Field(ge=0)] | None = None
    """By how many payments, parts of installments included. Left out by older messages, as the next two may be."""
    principal_minor: PositiveMinor | None = None
    """Of the whole CPR."""
    unpaid_principal_minor: Minor | None = None
    """What of it is still to come after so many installments."""
    offered_at: datetime | None = None
    good_until: datetime


class InvestmentCancelled(EventPayload, type="marketplace.investment_cancelled.v1", subject="investment_id"):
    investment_id: UUID


class OfferingFunded(EventPayload, type="marketplace.offering_funded.v1", subject="offering_id"):
    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    farmer_person: PersonKind = PersonKind.NATURAL
    grade: str
    principal_minor: PositiveMinor
    investment_count: Annotated[int, Field(gt=0)]


class OfferingCancelled(EventPayload, type="marketplace.offering_cancelled.v1", subject="offering_id"):
    offering_id: UUID


class CPRRegistered(EventPayload, type="contracts.cpr_registered.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
    term_months: Annotated[int, Field(gt=0)]
    registered_at: datetime
    issued_on: date | None = None
    """Left out by messages from before it was told."""


class ScheduledInstallment(BaseModel):
    """One installment of a CPR's final schedule."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    installment_id: UUID
    number: int
    due_on: date
    amount_minor: PositiveMinor
    interest_minor: Minor | None = None
    """This and the next two are left out by messages from before they were told."""
    starts_on: date | None = None
    months: Annotated[int, Field(gt=0)] | None = None


Rate = Annotated[Decimal, Field(ge=0, lt=1)]


class CPRActivated(EventPayload, type="contracts.cpr_activated.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
    late_fine_rate: Rate | None = None
    """This and the next are left out by messages from before they were told with the schedule."""
    late_monthly_rate: Rate | None = None
    monthly_rate: Rate | None = None
    installments: tuple[ScheduledInstallment, ...]


class InstallmentLate(EventPayload, type="contracts.installment_late.v1", subject="cpr_id"):
    installment_id: UUID
    cpr_id: UUID
    fine_rate: Rate
    monthly_rate: Rate


class AgreedInstallment(BaseModel):
    """One installment of a schedule that farmer and holders have agreed on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    installment_id: UUID
    number: int
    due_on: date
    starts_on: date
    months: Annotated[int, Field(gt=0)]
    amount_minor: PositiveMinor
    interest_minor: Minor
    carried_minor: Minor


class ScheduleAgreed(EventPayload, type="contracts.schedule_agreed.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    payment_count: Annotated[int, Field(ge=0)]
    good_until: datetime
    late_fine_rate: Rate
    late_monthly_rate: Rate
    monthly_rate: Rate
    installments: Annotated[tuple[AgreedInstallment, ...], Field(min_length=1)]


class PayoutOrder(BaseModel):
    """One investor's part of a distributed installment."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    payout_id: UUID
    position_id: UUID | None = None
    """Left out by those that were on their way when payments began to be split by position."""
    investment_id: UUID
    investor_id: UUID
    gross_minor: Minor
    fee_minor: Minor
    tax_minor: Minor
    net_minor: Minor
    person: PersonKind | None = None
    """Left out by messages from before it was told."""


class InstallmentDistributed(EventPayload, type="distribution.installment_distributed.v1", subject="distribution_id"):
    distribution_id: UUID
    installment_id: UUID
    cpr_id: UUID
    payment_id: UUID
    total_minor: PositiveMinor
    part: Annotated[int, Field(ge=1)]
    parts: Annotated[int, Field(ge=1)]
    payouts: tuple[PayoutOrder, ...]


class MarketplaceAnswerAwaited(EventPayload, type="marketplace.answer_awaited.v1", subject="subject_id"):
    what: str
    subject_id: UUID


class DistributionAnswerAwaited(EventPayload, type="distribution.answer_awaited.v1", subject="subject_id"):
    what: str
    subject_id: UUID


class ContractsAnswerAwaited(EventPayload, type="contracts.answer_awaited.v1", subject="subject_id"):
    what: str
    subject_id: UUID
