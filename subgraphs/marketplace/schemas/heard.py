"""What the marketplace reads of other domains' facts: only the fields that it needs."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pydantic

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.vocabulary import Amortisation, Crop, Region, RiskGrade


class DeductionsLaidDown(EventPayload, type="distribution.deductions_laid_down.v1", subject="valid_from"):
    valid_from: date
    performance_fee_rate: Decimal
    income_tax_rate: Decimal
    fee_of_late_charges: bool = False
    """Left out, as what follows, by messages from before it was told."""
    is_taxed_after_fee: bool = False


class IdentityVerified(EventPayload, type="accounts.identity_verified.v2", subject="user_id"):
    user_id: UUID
    person: PersonKind = PersonKind.NATURAL


class IdentityVerifiedV1(IdentityVerified, type="accounts.identity_verified.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling names."""


DISOWNED = "CHANGE_DISOWNED"
"""The alert by which a person says that it was not them."""


class SecurityAlert(EventPayload, type="accounts.security_alert.v1", subject="user_id"):
    """Something happened that might not have been the person."""

    user_id: UUID
    kind: str


class CPRRegistered(EventPayload, type="contracts.cpr_registered.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
    crop: Crop
    hectares: Decimal
    region: Region
    municipality: str
    families_benefited: int
    grade: RiskGrade
    principal_minor: int
    annual_rate: Decimal
    monthly_rate: Decimal
    term_months: int
    amortisation: Amortisation


class CPRCancelled(EventPayload, type="contracts.cpr_cancelled.v1", subject="cpr_id"):
    cpr_id: UUID


class ScheduledInstallment(pydantic.BaseModel):
    """One line of the final schedule."""

    installment_id: UUID
    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    amount_minor: int
    carried_late_minor: int = 0
    """Of the interest, fine and interest for being late that a renegotiation carried. It is settled first."""


class CPRActivated(EventPayload, type="contracts.cpr_activated.v1", subject="cpr_id"):
    cpr_id: UUID
    installments: list[ScheduledInstallment]


class RenegotiationProposed(EventPayload, type="contracts.renegotiation_proposed.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID


class RenegotiationEnded(EventPayload, type="contracts.renegotiation_ended.v1", subject="cpr_id"):
    cpr_id: UUID


class CPRRenegotiated(EventPayload, type="contracts.cpr_renegotiated.v1", subject="cpr_id"):
    cpr_id: UUID
    annual_rate: Decimal
    replaced_installment_ids: list[UUID]
    installments: list[ScheduledInstallment]


class InstallmentPaid(EventPayload, type="contracts.installment_paid.v1", subject="cpr_id"):
    installment_id: UUID
    cpr_id: UUID
    payment_number: int = 1
    """Left out by messages from before installments were paid in parts."""
    paid_at: datetime


class InstallmentPartlyPaid(EventPayload, type="contracts.installment_partly_paid.v1", subject="cpr_id"):
    installment_id: UUID
    cpr_id: UUID
    payment_number: int
    settled_minor: int


class CPRDefaulted(EventPayload, type="contracts.cpr_defaulted.v1", subject="cpr_id"):
    cpr_id: UUID


class CPRRecovered(EventPayload, type="contracts.cpr_recovered.v1", subject="cpr_id"):
    cpr_id: UUID


class CPRSettled(EventPayload, type="contracts.cpr_settled.v1", subject="cpr_id"):
    cpr_id: UUID


class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="reference_id"):
    hold_id: UUID
    purpose: str
    reference_id: UUID
    amount_minor: int


class HoldRefused(EventPayload, type="wallet.hold_refused.v1", subject="reference_id"):
    reference_id: UUID
    purpose: str
    reason: str


class HoldReleased(EventPayload, type="wallet.hold_released.v1", subject="reference_id"):
    hold_id: UUID
    reference_id: UUID
    expired: bool = False
    """Whether its time ran out; otherwise somebody asked for the release."""


class CPRDisbursed(EventPayload, type="wallet.cpr_disbursed.v1", subject="cpr_id"):
    cpr_id: UUID
    disbursed_at: datetime


class QuotasSwapped(EventPayload, type="wallet.quotas_swapped.v1", subject="purchase_id"):
    purchase_id: UUID
    price_minor: int
    fee_minor: int
    tax_minor: int
    net_minor: int
    swapped_at: datetime


class QuotaSwapRefused(EventPayload, type="wallet.quota_swap_refused.v1", subject="purchase_id"):
    purchase_id: UUID
    reason: str
