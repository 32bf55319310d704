"""What the wallet knows of CPRs, their installments and the distributions of these, from the facts of other domains."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.clock import business_date
from subgraphs.shared.named import Named
from subgraphs.shared.person_kind import PersonKind
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
    issued_on: Mapped[date | None]
    """The day of signature, by which what quotas gain is taxed. None of one from before this was told."""

    @property
    def counts_as_issued_on(self) -> date:
        """Of one from before it was told the day of registration, a few weeks later: before any law that asks."""
        return self.issued_on or business_date(self.registered_at)


class Installment(Base):
    """One dated sum that a farmer owes."""

    __tablename__ = "installments"
    __table_args__ = (
        Index("ix_installments_cpr_id", "cpr_id"),
        Index("ix_installments_brought_by", "brought_by", postgresql_where=text("brought_by IS NOT NULL")),
        Index("ix_installments_replaced_by", "replaced_by", postgresql_where=text("replaced_by IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    farmer_id: Mapped[UUID]
    number: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]
    late_fine_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """A part of what is open, once. Told with the schedule; of older CPRs, with the news that it is late."""
    late_monthly_rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    interest_minor: Mapped[int | None]
    """What of the amount is interest. None of a CPR from before this was told, as all of the following."""
    starts_on: Mapped[date | None]
    """When the period begins for which the interest is."""
    months: Mapped[int | None]
    """How many months that period has for the interest."""
    monthly_rate: Mapped[Decimal | None] = mapped_column(Numeric(15, 12))
    """The CPR's own, by which paying early costs less."""
    carried_minor: Mapped[int]
    """Of the interest, what was owed before the installment's schedule began: no early payment takes it off."""
    brought_by: Mapped[UUID | None] = mapped_column(ForeignKey("schedule_replacements.renegotiation_id"))
    """The renegotiation that brought it; None of those that were signed."""
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("schedule_replacements.renegotiation_id"))
    """The one that brought others in its place: no more is owed of it."""


class ScheduleReplacement(Base):
    """
    What became of an agreed schedule. Whoever inserts the row first has decided it, for ever.

    At commit the database compares the principal that the new installments bring with what was open of the old ones.
    """

    __tablename__ = "schedule_replacements"

    renegotiation_id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    reason: Mapped[str | None]
    """Why nothing was replaced; None where it was."""
    decided_at: Mapped[datetime]


class InstallmentPayment(Base):
    """
    A payment that counts for an installment: all that is owed of it, or a part, after which more may come.

    The database numbers them and keeps that they settle no more than the installment, and being late before it.
    """

    __tablename__ = "installment_payments"
    __table_args__ = (
        UniqueConstraint("installment_id", "number"),
        Index("ix_installment_payments_confirmed_at", "confirmed_at", "id"),
        Index(
            "ix_installment_payments_settlement_id",
            "settlement_id",
            postgresql_where=text("settlement_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    installment_id: Mapped[UUID] = mapped_column(ForeignKey("installments.id"))
    number: Mapped[int]
    """Which payment of the installment it is, from 1."""
    clearing_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)
    """The distribution account on which the money waits for its payouts."""
    amount_minor: Mapped[int]
    method: Mapped[PaymentMethod] = mapped_column(Named(PaymentMethod))
    confirmed_at: Mapped[datetime]
    swaps_before: Mapped[int]
    """How many swaps of the CPR's quotas came before it: that says who held them."""
    late_days: Mapped[int]
    """Of the installment being late, those that are charged for with this payment and those before it."""
    late_due_minor: Mapped[int]
    """The fine and interest for being late that were owed when it was paid."""
    late_minor: Mapped[int]
    """What of the payment went to them: as much as there was."""
    reduction_minor: Mapped[int]
    """What was taken off the installment's interest for paying early: settled with the payment."""
    settled_minor: Mapped[int]
    """What this payment and those before it have settled of the installment's own amount."""
    settlement_id: Mapped[UUID | None]
    """The settlement of all that was left of the CPR, of which it was one payment."""
    pays: Mapped[bool]
    """Whether nothing is owed of the installment any more."""

    @property
    def late_left_minor(self) -> int:
        return self.late_due_minor - self.late_minor


class DistributionPart(Base):
    """A part of a distribution whose payouts are credited."""

    __tablename__ = "distribution_parts"
    __table_args__ = (UniqueConstraint("payment_id", "part"),)

    distribution_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("installment_payments.id"))
    parts: Mapped[int]
    credited_at: Mapped[datetime]


class DistributionPayout(Base):
    """One holder's part of a paid installment, as distribution told it: what the transfer is measured by."""

    __tablename__ = "distribution_payouts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["distribution_id", "part"], ["distribution_parts.distribution_id", "distribution_parts.part"]
        ),
        CheckConstraint(
            "net_minor >= 0 AND fee_minor >= 0 AND tax_minor >= 0 AND gross_minor = net_minor + fee_minor + tax_minor",
            name="add_up",
        ),
        Index("ix_distribution_payouts_distribution_id", "distribution_id", "part"),
    )

    payout_id: Mapped[UUID] = mapped_column(primary_key=True)
    distribution_id: Mapped[UUID]
    part: Mapped[int]
    user_id: Mapped[UUID]
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]
    tax_minor: Mapped[int]
    net_minor: Mapped[int]
    person: Mapped[PersonKind | None] = mapped_column(Named(PersonKind))
    """Under whose revenue code the tax is paid on. None of those told before there were companies among holders."""
