"""What the wallet knows of CPRs, their installments and the distributions of these, from the facts of other domains."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.column_types import Named
from subgraphs.wallet.models.declarative import Base


class PaymentMethod(StrEnum):
    PIX = "PIX"
    BOLETO = "BOLETO"
    WALLET = "WALLET"


class RegisteredCPR(Base):
    """A CPR that is registered, and so may be disbursed; the term decides the tax on credit."""

    __tablename__ = "registered_cprs"

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    farmer_id: Mapped[UUID]
    term_months: Mapped[int]
    registered_at: Mapped[datetime]


class Installment(Base):
    """One dated sum that a farmer owes."""

    __tablename__ = "installments"
    __table_args__ = (Index("ix_installments_cpr_id", "cpr_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    number: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]
    late_fine_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """A part of the amount, once; told with the news that the installment is late."""
    late_monthly_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))


class InstallmentPayment(Base):
    """The one payment that counts for an installment."""

    __tablename__ = "installment_payments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    installment_id: Mapped[UUID] = mapped_column(ForeignKey("installments.id"), unique=True)
    clearing_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    """The distribution account on which the money waits for its payouts."""
    amount_minor: Mapped[int]
    method: Mapped[PaymentMethod] = mapped_column(Named(PaymentMethod))
    confirmed_at: Mapped[datetime]
    swaps_before: Mapped[int]
    """How many swaps of the CPR's quotas came before it: that says who held them."""


class DistributionPart(Base):
    """A part of a distribution whose payouts are credited."""

    __tablename__ = "distribution_parts"

    distribution_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("installment_payments.id"), index=True)
    parts: Mapped[int]
    credited_at: Mapped[datetime]
