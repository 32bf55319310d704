"""A renegotiation: what staff proposed, the schedule that would follow, and whom of the holders it needs."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.models.orm import Base
from subgraphs.contracts.models.vocabulary import OPEN_RENEGOTIATIONS, RenegotiationStatus
from subgraphs.shared.named import Named


class RenegotiationPolicy(Base):
    """How far a proposal may go, and how it is decided. A proposal keeps what was in force when it was made."""

    __tablename__ = "renegotiation_policies"

    effective_from: Mapped[date] = mapped_column(Date, primary_key=True)
    late_days_min: Mapped[int] = mapped_column(Integer)
    """For how many days an installment is late before its CPR may be renegotiated."""
    term_months_max: Mapped[int] = mapped_column(Integer)
    """Of the new schedule."""
    annual_rate_min: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """The new rate is not below this, and not above the one before."""
    late_discount_max: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """What part of fine and interest for being late may be waived. Principal and the CPR's interest never are."""
    answer_days: Mapped[int] = mapped_column(Integer)
    """For the farmer."""
    consent_days: Mapped[int] = mapped_column(Integer)
    """For the holders, from when they can vote."""
    consent_share: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """Those who consent hold more than this part of what counts."""
    silence: Mapped[str]
    fresh_proof_seconds: Mapped[int] = mapped_column(Integer)
    """How old the proof of who they are may be with which a farmer agrees."""
    doubt: Mapped[str]
    """What the law leaves open, so that whoever changes the rule knows."""


class Renegotiation(Base):
    """One proposal for one CPR. What it proposes never changes; the database sees to that."""

    __tablename__ = "renegotiations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("cprs.id"))
    farmer_id: Mapped[UUID]
    status: Mapped[RenegotiationStatus] = mapped_column(Named(RenegotiationStatus))
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    reason: Mapped[str]
    """Why it is proposed, in the words of staff; farmer and holders read it."""
    starts_on: Mapped[date] = mapped_column(Date)
    """The day from which the new schedule's interest runs, and of which the four sums are."""
    principal_minor: Mapped[int]
    """Still to be paid back."""
    interest_minor: Mapped[int]
    """The CPR's own, accrued and not paid."""
    late_minor: Mapped[int]
    """Fine and interest for being late."""
    waived_minor: Mapped[int]
    """What of these is waived."""
    annual_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    monthly_rate: Mapped[Decimal] = mapped_column(Numeric(15, 12))
    term_months: Mapped[int] = mapped_column(Integer)
    amortisation: Mapped[str]
    payment_count: Mapped[int] = mapped_column(Integer)
    """How many payments of the CPR it knows of: one more, and it is of a debt that there is no more."""
    answer_until: Mapped[datetime]
    consent_days: Mapped[int] = mapped_column(Integer)
    consent_share: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    silence: Mapped[str]
    answered_at: Mapped[datetime | None]
    quota_count: Mapped[int | None]
    """All quotas of the CPR, as the marketplace told when nobody traded them any more."""
    consent_until: Mapped[datetime | None]
    """Set when the farmer has agreed and all holders are known."""
    ended_at: Mapped[datetime | None]
    schedule_version: Mapped[int | None] = mapped_column(Integer)
    """Of the schedule that it brought into force."""

    __table_args__ = (
        UniqueConstraint("cpr_id", "schedule_version"),
        Index(
            "uq_renegotiations_one_open",
            "cpr_id",
            unique=True,
            postgresql_where=text("status IN ('PROPOSED', 'VOTING', 'CONSENTED')"),
        ),
        Index("ix_renegotiations_cpr_id", "cpr_id", "proposed_at"),
        Index("ix_renegotiations_proposed_at", "proposed_at", "id"),
        Index("ix_renegotiations_proposed_by", "proposed_by", "proposed_at", "id"),
        Index("ix_renegotiations_farmer_id", "farmer_id", "proposed_at", "id"),
    )

    @property
    def carried_minor(self) -> int:
        """What the new installments bring on top of the principal and its interest from now on."""
        return self.interest_minor + self.carried_late_minor

    @property
    def carried_late_minor(self) -> int:
        """What of that is fine and interest for being late."""
        return self.late_minor - self.waived_minor

    @property
    def voted_until(self) -> datetime | None:
        """When the holders' time is over, also where they are never told of: once the farmer has agreed."""
        if self.consent_until is None and self.answered_at is not None:
            return self.answered_at + timedelta(days=self.consent_days)
        return self.consent_until

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_RENEGOTIATIONS


class RenegotiatedInstallment(Base):
    """One line of a proposal's schedule. Becomes the CPR's installment of the same id when it comes into force."""

    __tablename__ = "renegotiated_installments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    renegotiation_id: Mapped[UUID] = mapped_column(ForeignKey("renegotiations.id"))
    number: Mapped[int] = mapped_column(Integer)
    """Goes on from the CPR's installments before it, so that no two of them share one."""
    starts_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    """With what it carries."""
    carried_minor: Mapped[int]
    """Its part of what was owed beside the principal before."""
    carried_late_minor: Mapped[int]
    """What of that is fine and interest for being late."""

    __table_args__ = (UniqueConstraint("renegotiation_id", "number"),)

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor


class RenegotiationVoter(Base):
    """A holder of the CPR's quotas when it was proposed, with how many they vote, and how they did."""

    __tablename__ = "renegotiation_voters"

    renegotiation_id: Mapped[UUID] = mapped_column(ForeignKey("renegotiations.id"), primary_key=True)
    investor_id: Mapped[UUID] = mapped_column(primary_key=True)
    quota_count: Mapped[int]
    is_related: Mapped[bool]
    """Of one interest with the borrower: without a vote, and their quotas do not count."""
    consents: Mapped[bool | None]
    voted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_renegotiation_voters_investor_id", "investor_id"),)
