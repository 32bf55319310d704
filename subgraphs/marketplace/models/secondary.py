"""The secondary market: quotas that their holders offer, and purchases of them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base
from subgraphs.shared.named import Named


class QuotaOfferStatus(StrEnum):
    """Where an offer of quotas stands."""

    OPEN = "OPEN"
    """Quotas of it can be bought."""
    SOLD = "SOLD"
    """All of it is sold."""
    WITHDRAWN = "WITHDRAWN"
    """The seller took it back."""
    CPR_DEFAULTED = "CPR_DEFAULTED"
    """The CPR went into default, and what it is worth is no longer known."""
    CPR_SETTLED = "CPR_SETTLED"
    """The CPR was repaid: there is nothing left to sell."""
    CPR_RENEGOTIATING = "CPR_RENEGOTIATING"
    """New terms are proposed for the CPR: what its quotas bring may be another thing soon."""


class QuotaOffer(Base):
    """Quotas of one position, at a price of their holder's own."""

    __tablename__ = "quota_offers"
    __table_args__ = (
        UniqueConstraint("seller_id", "idempotency_key"),
        CheckConstraint("quota_count > 0 AND price_minor > 0", name="positive"),
        CheckConstraint(
            "reserved_quotas >= 0 AND sold_quotas >= 0 AND reserved_quotas + sold_quotas <= quota_count",
            name="never_oversold",
        ),
        CheckConstraint(
            "status IN ('OPEN', 'SOLD', 'WITHDRAWN', 'CPR_DEFAULTED', 'CPR_SETTLED', 'CPR_RENEGOTIATING')",
            name="status_known",
        ),
        CheckConstraint("(status = 'OPEN') = (ended_at IS NULL)", name="ended_at_some_time"),
        # One for each order that people read them in.
        Index("ix_quota_offers_status_price", "status", "price_minor", "id"),
        Index("ix_quota_offers_status_offered_at", "status", "offered_at", "id"),
        Index("ix_quota_offers_status_annual_rate", "status", "annual_rate", "id"),
        Index("ix_quota_offers_position_id", "position_id"),
        Index("ix_quota_offers_cpr_id", "cpr_id", "status"),
        Index("ix_quota_offers_seller_id", "seller_id", "offered_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    position_id: Mapped[UUID] = mapped_column(ForeignKey("quota_positions.id"))
    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offerings.id"))
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    quota_count: Mapped[int]
    price_minor: Mapped[int]
    """Of one quota."""
    annual_rate: Mapped[Decimal] = mapped_column(Numeric)
    """The CPR's while it is offered: a renegotiation ends offers. Here so that they are found in its order."""
    reserved_quotas: Mapped[int]
    """Of purchases that the wallet has not answered yet."""
    sold_quotas: Mapped[int]
    status: Mapped[QuotaOfferStatus] = mapped_column(Named(QuotaOfferStatus))
    offered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str]
    request_digest: Mapped[str]

    @property
    def left_quotas(self) -> int:
        """What can still be bought of an open one."""
        return self.quota_count - self.reserved_quotas - self.sold_quotas

    @property
    def bound_quotas(self) -> int:
        """What the seller cannot offer a second time."""
        return self.quota_count - self.sold_quotas if self.status == QuotaOfferStatus.OPEN else self.reserved_quotas


class QuotaPurchaseStatus(StrEnum):
    """Where a purchase of quotas stands."""

    PENDING = "PENDING"
    """Asked for; the wallet has not said yet whether quotas and money changed hands."""
    COMPLETED = "COMPLETED"
    """Quotas and money have changed hands."""
    REFUSED = "REFUSED"
    """Neither has, and neither will."""


class QuotaPurchase(Base):
    """One person's purchase of quotas from another. The position it brings has its id."""

    __tablename__ = "quota_purchases"
    __table_args__ = (
        UniqueConstraint("buyer_id", "idempotency_key"),
        CheckConstraint("quota_count > 0 AND amount_minor > 0", name="positive"),
        CheckConstraint("buyer_id <> seller_id AND buyer_id <> farmer_id", name="not_ones_own"),
        CheckConstraint("status IN ('PENDING', 'COMPLETED', 'REFUSED')", name="status_known"),
        CheckConstraint("(status = 'PENDING') = (ended_at IS NULL)", name="ended_at_some_time"),
        CheckConstraint("(status = 'REFUSED') = (refusal_reason IS NOT NULL)", name="refused_has_reason"),
        CheckConstraint(
            "(status = 'COMPLETED') = (fee_minor IS NOT NULL AND tax_minor IS NOT NULL)",
            name="completed_says_what_it_cost",
        ),
        Index("ix_quota_purchases_offer_id", "offer_id", "status"),
        Index("ix_quota_purchases_buyer_id", "buyer_id", "requested_at", "id"),
        Index("ix_quota_purchases_pending", "cpr_id", postgresql_where=text("status = 'PENDING'")),
        Index("ix_quota_purchases_waiting", "requested_at", postgresql_where=text("status = 'PENDING'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("quota_offers.id"))
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("investors.user_id"))
    quota_count: Mapped[int]
    amount_minor: Mapped[int]
    """What the buyer pays for all of them."""
    status: Mapped[QuotaPurchaseStatus] = mapped_column(Named(QuotaPurchaseStatus))
    requested_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    refusal_reason: Mapped[str | None]
    fee_minor: Mapped[int | None]
    """Taken from the seller's price."""
    tax_minor: Mapped[int | None]
    """Withheld from the seller's gain."""
    idempotency_key: Mapped[str]
    request_digest: Mapped[str]
