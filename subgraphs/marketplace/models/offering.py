"""Offerings: CPRs open for funding in quotas."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base
from subgraphs.shared.named import Named


class OfferingStatus(StrEnum):
    """Where an offering stands."""

    OPEN = "OPEN"
    """Takes investments until its deadline."""
    EXPIRED_WAITING = "EXPIRED_WAITING"
    """Past its deadline below 100 %: the farmer takes the part, extends, or cancels."""
    FUNDED = "FUNDED"
    """Every quota is confirmed."""
    CLOSED_PARTIAL = "CLOSED_PARTIAL"
    """The farmer took the part that was funded."""
    CANCELLED = "CANCELLED"
    """Ended without credit; every hold is given back."""


class Offering(Base):
    """
    One CPR offered in equal quotas, with what the CPR said when it was registered.

    Quotas are *reserved* when an investment is asked for and *funded* when its money is held. The row is locked
    for each change of either, which is why they can never exceed the quotas there are.
    """

    __tablename__ = "offerings"
    __table_args__ = (
        UniqueConstraint("cpr_id"),
        CheckConstraint("quota_count > 0 AND quota_price_minor > 0", name="has_quotas"),
        CheckConstraint(
            "0 <= funded_quotas AND funded_quotas <= reserved_quotas AND reserved_quotas <= quota_count",
            name="never_oversold",
        ),
        CheckConstraint("status <> 'FUNDED' OR funded_quotas = quota_count", name="funded_is_full"),
        CheckConstraint(
            "status <> 'CLOSED_PARTIAL' OR (funded_quotas > 0 AND reserved_quotas = funded_quotas)",
            name="partial_is_settled",
        ),
        CheckConstraint("status <> 'CANCELLED' OR reserved_quotas = 0", name="cancelled_holds_nothing"),
        CheckConstraint(
            "status IN ('OPEN', 'EXPIRED_WAITING', 'FUNDED', 'CLOSED_PARTIAL', 'CANCELLED')", name="status_known"
        ),
        # One for each order that people read them in; what changes with every investment is in none.
        Index("ix_offerings_status_closes_at", "status", "closes_at", "id"),
        Index("ix_offerings_status_opened_at", "status", "opened_at", "id"),
        Index("ix_offerings_status_annual_rate", "status", "annual_rate", "id"),
        Index("ix_offerings_status_term_months", "status", "term_months", "id"),
        Index("ix_offerings_farmer_id", "farmer_id"),
        Index(
            "ix_offerings_not_disbursed",
            "funded_at",
            postgresql_where=text("funded_at IS NOT NULL AND disbursed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    crop: Mapped[str]
    hectares: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    region: Mapped[str]
    """The state's two letters."""
    municipality: Mapped[str]
    families_benefited: Mapped[int]
    grade: Mapped[str]
    principal_minor: Mapped[int]
    """What the CPR asks for. A rest smaller than one quota is not offered."""
    annual_rate: Mapped[Decimal] = mapped_column(Numeric)
    monthly_rate: Mapped[Decimal] = mapped_column(Numeric)
    term_months: Mapped[int]
    amortisation: Mapped[str]
    quota_price_minor: Mapped[int]
    quota_count: Mapped[int]
    reserved_quotas: Mapped[int] = mapped_column(default=0)
    """Quotas of investments that wait for their hold or have it."""
    funded_quotas: Mapped[int] = mapped_column(default=0)
    """Quotas of investments whose money is held or was lent."""
    status: Mapped[OfferingStatus] = mapped_column(Named(OfferingStatus), default=OfferingStatus.OPEN)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    decide_by: Mapped[datetime | None]
    """Until when the farmer may decide about an offering past its deadline; after that it is cancelled."""
    extension_count: Mapped[int] = mapped_column(default=0)
    funded_at: Mapped[datetime | None]
    disbursed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    defaulted_at: Mapped[datetime | None]
    """Since when the CPR is in default; nothing once it is in order again."""
    default_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the fact that `defaulted_at` was made from: an older one changes nothing."""
    renegotiated_annual_rate: Mapped[Decimal | None] = mapped_column(Numeric)
    """Of the schedule that is in force, where that is not the one signed."""
    renegotiation_id: Mapped[UUID | None]
    """The renegotiation of the CPR that is open: meanwhile its quotas are not traded."""
    renegotiation_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the fact that `renegotiation_id` was made from: an older one changes nothing."""
    cancelled_at: Mapped[datetime | None]

    @property
    def current_annual_rate(self) -> Decimal:
        return self.annual_rate if self.renegotiated_annual_rate is None else self.renegotiated_annual_rate

    @property
    def free_quotas(self) -> int:
        return self.quota_count - self.reserved_quotas

    @property
    def funded_minor(self) -> int:
        return self.funded_quotas * self.quota_price_minor


class OfferingMilestone(Base):
    """A share of the funding that was reached; the key makes each happen once."""

    __tablename__ = "offering_milestones"
    __table_args__ = (CheckConstraint("percent IN (50, 75, 100)", name="percent_known"),)

    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offerings.id"), primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True)
    reached_at: Mapped[datetime]


class Decision(StrEnum):
    """What a farmer may do with an offering past its deadline."""

    TAKE_PARTIAL = "TAKE_PARTIAL"
    EXTEND = "EXTEND"
    CANCEL = "CANCEL"


class OfferingDecision(Base):
    """A farmer's decision, kept for the record and so that a repeated request changes nothing."""

    __tablename__ = "offering_decisions"
    __table_args__ = (
        UniqueConstraint("decided_by", "idempotency_key"),
        CheckConstraint("kind IN ('TAKE_PARTIAL', 'EXTEND', 'CANCEL')", name="kind_known"),
        Index("ix_offering_decisions_offering_id", "offering_id"),
        Index("ix_offering_decisions_decided_at", "decided_at", "id"),
        Index("ix_offering_decisions_decided_by", "decided_by", "decided_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offerings.id"))
    kind: Mapped[str]
    decided_by: Mapped[UUID]
    decided_at: Mapped[datetime]
    idempotency_key: Mapped[str]


class CancelledCPR(Base):
    """A CPR that was cancelled, perhaps before we heard that it was registered: it is never offered."""

    __tablename__ = "cancelled_cprs"

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    cancelled_at: Mapped[datetime]
