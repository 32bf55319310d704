"""Holds: money set aside for one purpose, still the owner's."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.models.declarative import Base

INVESTMENT = "investment"
"""The purpose of a hold that waits for an offering to be funded."""


class HoldStatus(StrEnum):
    ACTIVE = "ACTIVE"
    CAPTURED = "CAPTURED"
    """Used for its purpose, wholly or in part; the rest went back."""
    RELEASED = "RELEASED"
    """Went back because the purpose fell away."""
    EXPIRED = "EXPIRED"
    """Went back because nobody ended it in its time."""


class Hold(Base):
    """Money set aside. It ends exactly once."""

    __tablename__ = "holds"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    reference_id: Mapped[UUID]
    """What it is for: the investment's id."""
    offering_id: Mapped[UUID]
    """All holds of one offering are captured together."""
    user_id: Mapped[UUID]
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallets.id"))
    quota_count: Mapped[int | None]
    """What the money is to buy. Unknown of holds that were placed before quotas changed hands."""
    amount_minor: Mapped[int]
    status: Mapped[HoldStatus] = mapped_column(Named(HoldStatus))
    captured_minor: Mapped[int]
    placed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("purpose", "reference_id"),
        ForeignKeyConstraint(
            ["wallet_id", "user_id"], ["wallets.id", "wallets.user_id"], name="fk_holds_wallet_of_its_person"
        ),
        Index("ix_holds_offering_active", "offering_id", postgresql_where=sql("status = 'ACTIVE'")),
        Index("ix_holds_expires_active", "expires_at", postgresql_where=sql("status = 'ACTIVE'")),
        Index("ix_holds_wallet_id", "wallet_id"),
    )


class HoldDecision(StrEnum):
    PLACED = "PLACED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"
    """Called off before it was asked for: messages overtake each other."""


class HoldRequest(Base):
    """
    What became of a request for a hold. Whoever inserts the row first has decided it, for ever.

    So a repeated request places nothing twice, and a cancellation that arrives before its request prevents the hold.
    """

    __tablename__ = "hold_requests"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    reference_id: Mapped[UUID] = mapped_column(primary_key=True)
    decision: Mapped[HoldDecision] = mapped_column(Named(HoldDecision))
    hold_id: Mapped[UUID | None]
    decided_at: Mapped[datetime]


class OfferingStatus(StrEnum):
    OPEN = "OPEN"
    DISBURSED = "DISBURSED"
    CANCELLED = "CANCELLED"


class OfferingFunding(Base):
    """How far the money of one offering has come; its row is what placing, releasing and capturing agree on."""

    __tablename__ = "offering_fundings"

    offering_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[OfferingStatus] = mapped_column(Named(OfferingStatus))
    decided_at: Mapped[datetime | None]


class Disbursement(Base):
    """What a funded offering's farmer got and what was taken from it: what the transfer is measured by."""

    __tablename__ = "disbursements"
    __table_args__ = (
        CheckConstraint("principal_minor > 0", name="principal_positive"),
        CheckConstraint(
            "net_minor >= 0 AND origination_fee_minor >= 0 AND iof_minor >= 0"
            " AND principal_minor = net_minor + origination_fee_minor + iof_minor",
            name="add_up",
        ),
    )

    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offering_fundings.offering_id"), primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("registered_cprs.cpr_id"), unique=True)
    farmer_id: Mapped[UUID]
    grade: Mapped[str | None]
    """Decided the fee. Unknown of what was disbursed before it was recorded."""
    farmer_person: Mapped[PersonKind | None] = mapped_column(Named(PersonKind))
    """Decided the tax. Unknown in the same way."""
    principal_minor: Mapped[int]
    origination_fee_minor: Mapped[int]
    iof_minor: Mapped[int]
    net_minor: Mapped[int]
    disbursed_at: Mapped[datetime]
