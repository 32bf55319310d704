"""Business parameters, each value with the day it begins to hold."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base
from subgraphs.shared.messaging.read_models import Versioned


class Parameter(Base):
    """One value of one parameter from one day on, until a later row of the same name replaces it."""

    __tablename__ = "parameters"
    __table_args__ = (CheckConstraint("value >= 0", name="not_negative"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    """A day in Brasília."""
    value: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    """Cents for `*_minor`, a fraction for `*_rate` and `*_share`, a count otherwise."""
    note: Mapped[str]
    """Why this value; for what the law leaves open, the doubt."""


class Deductions(Versioned, Base):
    """What of an investor's interest fee and tax take from a day on, as distribution tells it."""

    __tablename__ = "deductions"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    """A day in Brasília."""
    performance_fee_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    income_tax_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    fee_of_late_charges: Mapped[bool]
    """Whether the fee is taken of fine and interest for being late as well."""
    is_taxed_after_fee: Mapped[bool]
    """Whether only what the fee leaves is taxed."""
