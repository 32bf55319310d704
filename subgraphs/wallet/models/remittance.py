"""Taxes that were withheld, on their way to the state: by which rules, in which payments, of which entries."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.models.declarative import Base


class Tax(StrEnum):
    INCOME_TAX = "INCOME_TAX"
    """Of what investors earn and gain (IRRF)."""
    IOF = "IOF"
    """Of credit."""


class TaxPeriod(StrEnum):
    """What is withheld in it is paid together."""

    TEN_DAYS = "TEN_DAYS"
    """Until the 10th, until the 20th, until the month's end (decêndio)."""
    MONTH = "MONTH"


class RemittanceRule(Base):
    """How a tax that is withheld of one kind of person is paid to the state, for what is withheld from a day on."""

    __tablename__ = "remittance_rules"

    tax: Mapped[Tax] = mapped_column(Named(Tax), primary_key=True)
    person: Mapped[PersonKind] = mapped_column(Named(PersonKind), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    revenue_code: Mapped[str]
    """Under which the payment slip (DARF) is."""
    period: Mapped[TaxPeriod] = mapped_column(Named(TaxPeriod))
    due_business_days: Mapped[int]
    """It is due on the so many-th business day after the period."""
    minimum_minor: Mapped[int]
    """What is less is paid with the next period's."""
    legal_basis: Mapped[str]
    doubt: Mapped[str]
    """What the law leaves open, so that whoever changes the rule knows."""


class LateTaxRule(Base):
    """
    What a tax costs that is paid late, for what is paid from a day on.

    Of the interest of a month the row counts that is in force on its last day: SELIC is known when the month is over.
    """

    __tablename__ = "late_tax_rules"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    daily_fine_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """A part of the tax for each day."""
    fine_rate_max: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    monthly_interest_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """For each month between the one that it was due in and the one that it is paid in (SELIC)."""
    payment_month_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """For the month that it is paid in, where that is a later one."""
    legal_basis: Mapped[str]
    doubt: Mapped[str]
    """What the law leaves open, so that whoever changes the rule knows."""


class RemittanceStatus(StrEnum):
    PREPARED = "PREPARED"
    """It is known what is owed."""
    ISSUED = "ISSUED"
    """There is a payment slip."""
    PAID = "PAID"
    """The state has it."""


class Remittance(Base):
    """
    One payment of a tax to the state, for one period. What it is of stays as it was prepared.

    A period has a second one where something withheld in it was entered after the first.
    """

    __tablename__ = "remittances"
    __table_args__ = (
        UniqueConstraint("tax", "person", "period_to", "number"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("number > 0 AND period_from <= period_to AND due_on > period_to", name="period"),
        CheckConstraint("(status = 'PREPARED') = (slip_number IS NULL)", name="issued_has_a_slip"),
        CheckConstraint(
            "(status = 'PAID') = (paid_at IS NOT NULL) AND (paid_at IS NULL) = (authentication IS NULL)",
            name="paid_has_a_receipt",
        ),
        Index("ix_remittances_unpaid", "due_on", "id", postgresql_where=sql("status <> 'PAID'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tax: Mapped[Tax] = mapped_column(Named(Tax))
    person: Mapped[PersonKind] = mapped_column(Named(PersonKind))
    """Of whom it was withheld, which the revenue code depends on."""
    revenue_code: Mapped[str]
    period_from: Mapped[date]
    period_to: Mapped[date]
    """The last day of which it is; the first may lie before the period, where that was too little to be paid."""
    number: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]
    prepared_at: Mapped[datetime]
    status: Mapped[RemittanceStatus] = mapped_column(Named(RemittanceStatus))
    slip_number: Mapped[str | None] = mapped_column(unique=True)
    """The state's own number of the payment slip."""
    authentication: Mapped[str | None]
    """The bank's, of the payment."""
    paid_at: Mapped[datetime | None]
    last_failure: Mapped[str | None]
    """Why the last attempt did not pay it."""
    late_on: Mapped[date | None]
    """The day by whose late slip it was paid, where it was paid late."""


class LateRemittance(Base):
    """
    What a remittance costs that is paid late, on one day: its payment slip is good for that alone.

    The fine and the interest are the platform's to pay. What they are follows from the rules of the day.
    """

    __tablename__ = "late_remittances"
    __table_args__ = (
        CheckConstraint("fine_minor >= 0 AND interest_minor >= 0", name="not_negative"),
        CheckConstraint("(fine_minor + interest_minor > 0) = (account_id IS NOT NULL)", name="paid_of_something"),
    )

    remittance_id: Mapped[UUID] = mapped_column(ForeignKey("remittances.id"), primary_key=True)
    paid_on: Mapped[date] = mapped_column(primary_key=True)
    """The day on which it is to be paid by this slip."""
    fine_minor: Mapped[int]
    interest_minor: Mapped[int]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_accounts.id"))
    """The platform's earnings that it is paid of; None where it comes to less than a cent."""
    slip_number: Mapped[str | None] = mapped_column(unique=True)

    @property
    def charges_minor(self) -> int:
        return self.fine_minor + self.interest_minor


class RemittedEntry(Base):
    """An entry of tax that a remittance pays. The key keeps that none is paid twice."""

    __tablename__ = "remitted_entries"
    __table_args__ = (Index("ix_remitted_entries_remittance_id", "remittance_id"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    remittance_id: Mapped[UUID] = mapped_column(ForeignKey("remittances.id"))
