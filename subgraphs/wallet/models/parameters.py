"""What law and owner may change: rates with the day from which they hold. The newest row not after a day counts."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.models.declarative import Base


class Instrument(StrEnum):
    REGISTERED_CPR = "REGISTERED_CPR"
    """A producer's CPR in a registry authorised by the central bank."""
    GENERAL_NATURAL_PERSON = "GENERAL_NATURAL_PERSON"
    """Any other credit to a natural person."""
    GENERAL_LEGAL_PERSON = "GENERAL_LEGAL_PERSON"
    """Any other credit to a company or cooperative."""


class OriginationFeeRate(Base):
    """The part of the principal that the platform keeps when a CPR is disbursed."""

    __tablename__ = "origination_fee_rates"

    grade: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))


class Parameter(Base):
    """One value of one parameter from one day on, until a later row of the same name replaces it."""

    __tablename__ = "parameters"
    __table_args__ = (CheckConstraint("value >= 0", name="not_negative"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    """A day in Brasília."""
    value: Mapped[int]
    """Cents for `*_minor`; otherwise in the unit that the name ends in."""
    note: Mapped[str]
    """Why this value, and by which rule."""


class NightLimit(Base):
    """How much may leave somebody's wallet in a night, where they have chosen it themselves."""

    __tablename__ = "night_limits"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    limit_minor: Mapped[int]
    raised_minor: Mapped[int | None]
    """What it will be from *raised_from* on."""
    raised_from: Mapped[datetime | None]


class MoneyOutPause(Base):
    """
    Since when only small sums leave somebody's wallet, because who may act for them has just changed; or nothing does.

    One for each reason, so that a weaker one that comes later does not end a stronger.
    """

    __tablename__ = "money_out_pauses"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    """What accounts called it, or the owner's own wish."""
    since: Mapped[datetime]


class IofRate(Base):
    """The tax on credit (IOF): a part per day up to a number of days, and a part once."""

    __tablename__ = "iof_rates"

    instrument: Mapped[Instrument] = mapped_column(Named(Instrument), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    daily_rate: Mapped[Decimal] = mapped_column(Numeric(12, 9))
    days_max: Mapped[int]
    additional_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    legal_basis: Mapped[str]
    doubt: Mapped[str]
    """What the law leaves open, so that whoever changes the rate knows."""


class IofRule(Base):
    """By which of the rates the tax on credit is taken of one kind of borrower, for disbursements from a day on."""

    __tablename__ = "iof_rules"

    person: Mapped[PersonKind] = mapped_column(Named(PersonKind), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    instrument: Mapped[Instrument] = mapped_column(Named(Instrument))
    legal_basis: Mapped[str]
    doubt: Mapped[str]
