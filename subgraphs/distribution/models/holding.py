"""What distribution keeps of other domains' facts: who holds what when, and what is owed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.distribution.models.metadata import Base


class Funding(Base):
    """A CPR whose funding is complete: how many quotas there are to be paid."""

    __tablename__ = "fundings"
    __table_args__ = (
        UniqueConstraint("offering_id"),
        CheckConstraint("quota_count > 0 AND principal_minor > 0", name="positive"),
    )

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    offering_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    grade: Mapped[str]
    principal_minor: Mapped[int]
    quota_count: Mapped[int]
    investment_count: Mapped[int]
    funded_at: Mapped[datetime]


class Position(Base):
    """
    One person's quotas on record from one instant until another.

    The position that an investment opens has the investment's id; others of the same quotas have ids of their own. Who
    holds quotas when a payment is confirmed gets their part. When quotas change hands the seller's position ends at the
    instant of the trade and new ones begin there.
    """

    __tablename__ = "positions"
    __table_args__ = (
        CheckConstraint("quota_count > 0 AND amount_minor > 0", name="positive"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("acquired_at <= valid_from", name="acquired_before"),
        Index("ix_positions_investment_id", "investment_id"),
        Index("ix_positions_cpr_id", "cpr_id", "valid_from"),
        Index("ix_positions_investor_id", "investor_id", "cpr_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    investment_id: Mapped[UUID]
    """The investment by which these quotas came into being, whoever has them now."""
    cpr_id: Mapped[UUID]
    investor_id: Mapped[UUID]
    person: Mapped[str]
    instrument: Mapped[str]
    quota_count: Mapped[int]
    amount_minor: Mapped[int]
    acquired_at: Mapped[datetime]
    """When the holder came to these quotas. Selling some of them leaves it as it was for the rest."""
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class CancelledInvestment(Base):
    """An investment that was cancelled, perhaps before we heard that it was confirmed."""

    __tablename__ = "cancelled_investments"

    investment_id: Mapped[UUID] = mapped_column(primary_key=True)
    cancelled_at: Mapped[datetime]


class Installment(Base):
    """What is owed when, and how much of it is principal."""

    __tablename__ = "installments"
    __table_args__ = (
        UniqueConstraint("cpr_id", "number"),
        CheckConstraint(
            "principal_minor >= 0 AND interest_minor >= 0 AND amount_minor = principal_minor + interest_minor",
            name="adds_up",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    number: Mapped[int]
    due_on: Mapped[date]
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    amount_minor: Mapped[int]
