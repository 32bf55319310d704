"""A payment split: the distribution, and each holder's payout."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.distribution.models.metadata import Base
from subgraphs.shared.named import Named


class Distribution(Base):
    """
    One payment of an installment, divided among the holders of its CPR. A fact: it is never changed.

    At commit the database checks that the payouts add up to it, part by part, and always that all payments of an
    installment bring no more principal and interest than it has.
    """

    __tablename__ = "distributions"
    __table_args__ = (
        UniqueConstraint("payment_id"),
        UniqueConstraint("installment_id", "number"),
        CheckConstraint("total_minor > 0 AND principal_minor >= 0 AND interest_minor >= 0", name="positive"),
        CheckConstraint("total_minor = principal_minor + interest_minor", name="principal_and_interest"),
        CheckConstraint("total_minor = net_minor + fee_minor + tax_minor", name="net_fee_and_tax"),
        CheckConstraint("late_charge_minor BETWEEN 0 AND interest_minor", name="late_charge_is_interest"),
        CheckConstraint("carried_late_minor BETWEEN 0 AND late_charge_minor", name="carried_late_is_late_charge"),
        Index("ix_distributions_cpr_id", "cpr_id", "paid_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID]
    installment_id: Mapped[UUID] = mapped_column(ForeignKey("installments.id"))
    number: Mapped[int]
    """Which payment of the installment it is, from 1: it may be paid in parts."""
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    paid_at: Mapped[datetime]
    """When the payment was confirmed, which decides who the holders are."""
    distributed_at: Mapped[datetime]
    total_minor: Mapped[int]
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    """With the late charge."""
    late_charge_minor: Mapped[int]
    """What of the payment is fine and interest for being late."""
    carried_late_minor: Mapped[int]
    """What of that was owed under the schedule before a renegotiation, and is in the installment's interest."""
    fee_minor: Mapped[int]
    tax_minor: Mapped[int]
    net_minor: Mapped[int]
    quota_count: Mapped[int]
    payout_count: Mapped[int]


class PayoutStatus(StrEnum):
    """Whether the money is in the investor's wallet."""

    PENDING = "PENDING"
    """It is on its way to the wallet."""
    CREDITED = "CREDITED"
    """It is in the wallet."""


class Payout(Base):
    """
    One holder's part of a distribution. Its amounts are a fact; only that it was credited is noted later.

    A part of less than a cent is kept as zero, and as credited: there is nothing to wait for.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        UniqueConstraint("distribution_id", "position_id"),
        CheckConstraint("principal_minor >= 0 AND interest_minor >= 0", name="positive"),
        CheckConstraint("fee_minor >= 0 AND tax_minor >= 0", name="deductions_positive"),
        CheckConstraint("gross_minor = principal_minor + interest_minor", name="gross_adds_up"),
        CheckConstraint("net_minor = gross_minor - fee_minor - tax_minor", name="net_adds_up"),
        CheckConstraint("fee_minor + tax_minor <= interest_minor", name="only_interest_is_reduced"),
        CheckConstraint("status IN ('PENDING', 'CREDITED')", name="status_known"),
        CheckConstraint("(status = 'CREDITED') = (credited_at IS NOT NULL)", name="credited_at_some_time"),
        Index("ix_payouts_investor_id", "investor_id", "paid_at", "id"),
        Index("ix_payouts_investment_id", "investment_id", "paid_at", "id"),
        Index("ix_payouts_position_id", "position_id", "paid_at", "id"),
        Index("ix_payouts_pending", "distribution_id", postgresql_where=text("status = 'PENDING'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    distribution_id: Mapped[UUID] = mapped_column(ForeignKey("distributions.id"))
    installment_id: Mapped[UUID]
    cpr_id: Mapped[UUID]
    investment_id: Mapped[UUID]
    investor_id: Mapped[UUID]
    quota_count: Mapped[int]
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]
    tax_minor: Mapped[int]
    net_minor: Mapped[int]
    fee_rate: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    tax_rate: Mapped[Decimal] = mapped_column(Numeric(6, 4))
    tax_treatment: Mapped[str]
    held_days: Mapped[int]
    """Days from the holder's money being lent to the payment, by the calendar of Brasília."""
    paid_at: Mapped[datetime]
    status: Mapped[PayoutStatus] = mapped_column(Named(PayoutStatus))
    credited_at: Mapped[datetime | None]
    position_id: Mapped[UUID]
    """Whose quotas it is for: each position of a CPR has one part of each payment."""


class UndistributedPayment(Base):
    """
    A payment that an installment has no room for: it was paid before. It belongs to whoever paid twice.

    Kept for people to decide on, since paying it out again would give the investors what is not theirs.
    """

    __tablename__ = "undistributed_payments"
    __table_args__ = (Index("ix_undistributed_payments_received_at", "received_at", "payment_id"),)

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    installment_id: Mapped[UUID]
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    amount_minor: Mapped[int]
    paid_at: Mapped[datetime]
    received_at: Mapped[datetime]
