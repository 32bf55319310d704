"""Investments, and who holds how many quotas when."""

from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base
from subgraphs.shared.money import round_half_up
from subgraphs.shared.named import Named


class InvestmentStatus(StrEnum):
    """Where an investment stands."""

    PENDING = "PENDING"
    """Asked for; the wallet has not said yet whether the money is held."""
    CONFIRMED = "CONFIRMED"
    """The money is held until the offering is funded."""
    ACTIVE = "ACTIVE"
    """The money was lent; installments are due."""
    REFUSED = "REFUSED"
    """It never came to hold money; the reason says why."""
    CANCELLED = "CANCELLED"
    """The offering ended without credit and the money was given back."""
    SETTLED = "SETTLED"
    """The CPR was repaid."""


class Investment(Base):
    """One person's purchase of quotas in one offering."""

    __tablename__ = "investments"
    __table_args__ = (
        UniqueConstraint("investor_id", "idempotency_key"),
        UniqueConstraint("hold_id"),
        CheckConstraint("quota_count > 0 AND amount_minor > 0", name="positive"),
        CheckConstraint("investor_id <> farmer_id", name="not_in_own_cpr"),
        CheckConstraint(
            "status IN ('PENDING', 'CONFIRMED', 'ACTIVE', 'REFUSED', 'CANCELLED', 'SETTLED')", name="status_known"
        ),
        CheckConstraint(
            "status NOT IN ('CONFIRMED', 'ACTIVE', 'SETTLED', 'CANCELLED')"
            " OR (hold_id IS NOT NULL AND confirmed_at IS NOT NULL)",
            name="confirmed_has_hold",
        ),
        CheckConstraint("(status = 'REFUSED') = (refusal_reason IS NOT NULL)", name="refused_has_reason"),
        Index("ix_investments_investor_id", "investor_id", "requested_at", "id"),
        Index("ix_investments_offering_id", "offering_id", "status"),
        Index("ix_investments_pending", "requested_at", postgresql_where=text("status = 'PENDING'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offerings.id"))
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    investor_id: Mapped[UUID] = mapped_column(ForeignKey("investors.user_id"))
    quota_count: Mapped[int]
    amount_minor: Mapped[int]
    status: Mapped[InvestmentStatus] = mapped_column(Named(InvestmentStatus), default=InvestmentStatus.PENDING)
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was refused, cancelled or settled."""
    hold_id: Mapped[UUID | None]
    """The wallet's hold; also of one that came too late, and then it is being given back."""
    refusal_reason: Mapped[str | None]
    idempotency_key: Mapped[str]
    request_digest: Mapped[str]
    """What was asked for under the key, so that another request under the same key is noticed."""


class PositionEnd(StrEnum):
    """How a position ended."""

    CANCELLED = "CANCELLED"
    """The offering came to nothing, or the hold's time ran out: the money was given back."""
    SETTLED = "SETTLED"
    """The CPR was repaid."""
    SOLD = "SOLD"
    """All its quotas have gone to others."""


class QuotaPosition(Base):
    """
    One person's quotas in one CPR, from one instant until another. What people have is read from here.

    A position is opened when an investment is confirmed, or a purchase of quotas completed, and has its id; it ends
    when the CPR is settled, the offering cancelled, or all its quotas sold.
    """

    __tablename__ = "quota_positions"
    __table_args__ = (
        CheckConstraint("quota_count > 0 AND amount_minor > 0", name="positive"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("(valid_to IS NULL) = (ended_as IS NULL)", name="says_how_it_ended"),
        CheckConstraint("ended_as IN ('CANCELLED', 'SETTLED', 'SOLD')", name="ended_as_known"),
        CheckConstraint("sold_quotas BETWEEN 0 AND quota_count", name="never_oversold"),
        CheckConstraint("(sold_quotas = quota_count) = (coalesce(ended_as, '') = 'SOLD')", name="sold_out_is_sold"),
        Index("ix_quota_positions_investment_id", "investment_id"),
        Index("ix_quota_positions_investor_id", "investor_id"),
        Index("ix_quota_positions_cpr_id", "cpr_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    investment_id: Mapped[UUID] = mapped_column(ForeignKey("investments.id"))
    """The investment by which these quotas came into being."""
    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offerings.id"))
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    investor_id: Mapped[UUID]
    quota_count: Mapped[int]
    amount_minor: Mapped[int]
    """What the holder put in for all that it began with."""
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    ended_as: Mapped[str | None]
    sold_quotas: Mapped[int] = mapped_column(default=0)

    @property
    def held_quotas(self) -> int:
        """What has not been sold of it."""
        return self.quota_count - self.sold_quotas

    @property
    def held_minor(self) -> int:
        """What the holder put in for the quotas that are left: all of it less what the wallet counts for those sold."""
        return self.amount_minor - round_half_up(Fraction(self.amount_minor * self.sold_quotas, self.quota_count))
