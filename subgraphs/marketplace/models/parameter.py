"""Business parameters, each value with the day it begins to hold."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base


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
