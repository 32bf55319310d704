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


class IssuedCPR(Base):
    """When a CPR was issued, by which its yield is taxed. Of those told before this was known there is none."""

    __tablename__ = "issued_cprs"

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    issued_on: Mapped[date]


class Position(Base):
    """
    One person's quotas on record from one instant until another.

    The position that an investment opens has the investment's id, one that was bought has the purchase's. It keeps the
    quotas that it began with; what swaps took from it since is kept beside it (`QuotaSwap`).
    """

    __tablename__ = "positions"
    __table_args__ = (
        CheckConstraint("quota_count > 0 AND amount_minor > 0", name="positive"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("acquired_at <= valid_from", name="acquired_before"),
        CheckConstraint("since_swap >= 0", name="since_a_swap_or_not"),
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
    since_swap: Mapped[int]
    """The number of the swap by which it was bought; 0 for one that an investment opened."""


class QuotaSwap(Base):
    """
    Quotas that left a position for their buyer's, which has the swap's id.

    The wallet numbers the swaps of a CPR, and tells with a payment how many came before it: whoever held after so many
    swaps gets their part.
    """

    __tablename__ = "quota_swaps"
    __table_args__ = (
        UniqueConstraint("cpr_id", "number"),
        CheckConstraint("number > 0 AND quota_count > 0 AND price_minor > 0", name="positive"),
        CheckConstraint("cost_minor >= 0 AND fee_minor >= 0 AND tax_minor >= 0", name="deductions"),
        Index("ix_quota_swaps_seller_position_id", "seller_position_id"),
        Index("ix_quota_swaps_seller_id", "seller_id", "swapped_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    number: Mapped[int]
    seller_position_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    quota_count: Mapped[int]
    price_minor: Mapped[int]
    cost_minor: Mapped[int]
    """What the seller had paid for them, less what was paid back since."""
    fee_minor: Mapped[int]
    tax_minor: Mapped[int]
    swapped_at: Mapped[datetime]


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
        CheckConstraint("carried_late_minor BETWEEN 0 AND interest_minor", name="carried_late_is_interest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    number: Mapped[int]
    due_on: Mapped[date]
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    """With what a renegotiation carried into it."""
    carried_late_minor: Mapped[int]
    """What of the interest is fine and interest for having been late under the schedule before."""
    amount_minor: Mapped[int]
