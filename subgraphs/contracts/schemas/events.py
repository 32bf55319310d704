"""The facts that contracts publishes."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from subgraphs.shared.messaging.event import EventPayload


class CPRDrafted(EventPayload, type="contracts.cpr_drafted.v1", subject="cpr_id"):
    """A CPR is drawn up and waits for the farmer's signature."""

    cpr_id: UUID
    credit_request_id: UUID
    farmer_id: UUID
    principal_minor: int
    annual_rate: str
    term_months: int
    amortisation: str


class SignatureRequested(EventPayload, type="contracts.signature_requested.v1", subject="cpr_id"):
    """The farmer wants to sign; the signature provider is to be asked. Of use to contracts alone."""

    cpr_id: UUID
    farmer_id: UUID
    order_id: UUID


class CPRSigned(EventPayload, type="contracts.cpr_signed.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRRegistered(EventPayload, type="contracts.cpr_registered.v1", subject="cpr_id"):
    """A registry has taken the CPR; it may be offered. Everything that an offering needs."""

    cpr_id: UUID
    credit_request_id: UUID
    farmer_id: UUID
    crop: str
    hectares: Decimal
    region: str
    municipality: str
    families_benefited: int
    grade: str
    principal_minor: int
    annual_rate: str
    monthly_rate: str
    term_months: int
    amortisation: str
    registry: str
    registration_number: str
    issued_on: date
    """The day of signature."""
    registered_at: datetime


class ActivatedInstallment(BaseModel):
    """One line of a final schedule."""

    model_config = ConfigDict(frozen=True)

    installment_id: UUID
    number: int
    due_on: date
    starts_on: date
    """When the period begins for which the interest is: the disbursement, or the due date before."""
    months: int
    """How many months that period has for the interest."""
    principal_minor: int
    interest_minor: int
    amount_minor: int


class CPRActivated(EventPayload, type="contracts.cpr_activated.v1", subject="cpr_id"):
    """The farmer has the money, and this is what they owe from now on."""

    cpr_id: UUID
    farmer_id: UUID
    issued_on: date
    principal_minor: int
    grade: str
    late_fine_rate: str
    """Of what is open of an installment when it becomes late, once."""
    late_monthly_rate: str
    """Of what is open of it, by the day (simple, months of 30 days)."""
    monthly_rate: str
    """The CPR's own, by which paying early costs less."""
    installments: tuple[ActivatedInstallment, ...]


class InstallmentPaid(EventPayload, type="contracts.installment_paid.v1", subject="cpr_id"):
    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    number: int
    payment_id: UUID
    payment_number: int
    """Which payment of the installment it is, from 1: more than 1 where parts were paid before."""
    amount_minor: int
    paid_at: datetime


class InstallmentPartlyPaid(EventPayload, type="contracts.installment_partly_paid.v1", subject="cpr_id"):
    """A payment was less than what was owed that day: it pays fine and interest first, and the rest stays open."""

    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    number: int
    payment_id: UUID
    payment_number: int
    """Which payment of the installment it is, from 1."""
    amount_minor: int
    late_minor: int
    """What of it went to fine and interest for being late."""
    settled_minor: int
    """What all payments have settled of the installment's amount so far, its interest before its principal."""
    outstanding_minor: int
    """What was owed after it, with what is left of fine and interest."""
    paid_at: datetime


class InstallmentDueSoon(EventPayload, type="contracts.installment_due_soon.v1", subject="cpr_id"):
    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    number: int
    due_on: date
    amount_minor: int


class InstallmentLate(EventPayload, type="contracts.installment_late.v1", subject="cpr_id"):
    """A due date has passed unpaid. What it costs per day follows from the rates (simple, months of 30 days)."""

    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    number: int
    due_on: date
    amount_minor: int
    fine_rate: str
    monthly_rate: str


class CPRDefaulted(EventPayload, type="contracts.cpr_defaulted.v1", subject="cpr_id"):
    """More than thirty days late: the farmer may not ask for new credit."""

    cpr_id: UUID
    farmer_id: UUID


class CPRRecovered(EventPayload, type="contracts.cpr_recovered.v1", subject="cpr_id"):
    """Paid up to less than that: no longer in default."""

    cpr_id: UUID
    farmer_id: UUID


class CPRSettled(EventPayload, type="contracts.cpr_settled.v1", subject="cpr_id"):
    """The last installment is paid."""

    cpr_id: UUID
    farmer_id: UUID


class RenegotiationProposed(EventPayload, type="contracts.renegotiation_proposed.v1", subject="cpr_id"):
    """Staff proposes new terms for a CPR that is late. Until this ends, its quotas should not change hands."""

    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    answer_until: datetime
    installment_count: int
    first_due_on: date


class RenegotiationVoteOpened(EventPayload, type="contracts.renegotiation_vote_opened.v1", subject="cpr_id"):
    """The farmer has agreed; the holders of the CPR's quotas can vote."""

    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    consent_until: datetime
    annual_rate: str


class RenegotiationEnded(EventPayload, type="contracts.renegotiation_ended.v1", subject="cpr_id"):
    """A renegotiation has come to nothing: what was owed is owed as before."""

    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    reason: str
    was_voted_on: bool
    """Whether the holders were asked, and so should hear of it."""


class RenegotiatedInstallment(ActivatedInstallment):
    """One line of a schedule that a renegotiation brings."""

    carried_minor: int
    """Of the interest, what was owed before the schedule began: it has accrued, whenever it is paid."""
    carried_late_minor: int
    """Of what is carried, fine and interest for being late. Of the interest these are settled first."""


class ScheduleAgreed(EventPayload, type="contracts.schedule_agreed.v1", subject="cpr_id"):
    """Farmer and holders agree; whoever has the money puts the new schedule in the old one's place, or says why not."""

    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    payment_count: int
    """How many payments of the CPR it is made on. Was there one more, the debt is another."""
    good_until: datetime
    late_fine_rate: str
    late_monthly_rate: str
    monthly_rate: str
    installments: tuple[RenegotiatedInstallment, ...]


class CPRRenegotiated(EventPayload, type="contracts.cpr_renegotiated.v1", subject="cpr_id"):
    """A new schedule has taken the old one's place: of the installments it replaces no more is owed."""

    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    schedule_version: int
    annual_rate: str
    installment_count: int
    first_due_on: date
    replaced_installment_ids: tuple[UUID, ...]
    installments: tuple[RenegotiatedInstallment, ...]


class CPRCancelled(EventPayload, type="contracts.cpr_cancelled.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
    reason: str


class AnswerAwaited(EventPayload, type="contracts.answer_awaited.v1", subject="subject_id"):
    """Staff set going again what waits: who has answered says the answer again."""

    what: str
    subject_id: UUID


PUBLISHED: tuple[type[EventPayload], ...] = (
    CPRDrafted,
    SignatureRequested,
    CPRSigned,
    CPRRegistered,
    CPRActivated,
    InstallmentPaid,
    InstallmentPartlyPaid,
    InstallmentDueSoon,
    InstallmentLate,
    CPRDefaulted,
    CPRRecovered,
    CPRSettled,
    RenegotiationProposed,
    RenegotiationVoteOpened,
    RenegotiationEnded,
    ScheduleAgreed,
    CPRRenegotiated,
    CPRCancelled,
    AnswerAwaited,
)
