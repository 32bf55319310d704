"""Who was looked up on the lists of sanctions and of politically exposed people, and what was found."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.vocabulary import HitStatus
from subgraphs.shared.named import Named


class Screening(Base):
    """When somebody was looked up last, and on the lists of which day."""

    __tablename__ = "screenings"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    list_date: Mapped[date] = mapped_column(Date)
    screened_at: Mapped[datetime]


class ScreeningHit(Base):
    """An entry of a list that may be somebody. An analyst decides about it once, whatever later lists repeat."""

    __tablename__ = "screening_hits"
    __table_args__ = (
        UniqueConstraint("user_id", "list_name", "entry"),
        CheckConstraint("kind IN ('SANCTIONS', 'PEP')", name="kind_known"),
        CheckConstraint("status IN ('OPEN', 'CLEARED', 'CONFIRMED')", name="status_known"),
        CheckConstraint(
            "(status = 'OPEN') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (reason IS NULL)",
            name="decided_by_somebody",
        ),
        Index("ix_screening_hits_status", "status", "found_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    list_name: Mapped[str]
    entry: Mapped[str]
    list_date: Mapped[date] = mapped_column(Date)
    """Of the lists on which it was first found."""
    found_at: Mapped[datetime]
    locked_out_at: Mapped[datetime | None]
    """When it locked the person out, where it did; the suspension has the same instant."""
    status: Mapped[HitStatus] = mapped_column(Named(HitStatus))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    reason: Mapped[str | None]
    """For the record, not for the person."""
