"""Platform parameters of credit: dated rows, the newest that has begun is in force."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Boolean, Date, ForeignKey, Integer, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.credit.models.orm import Base


class CreditPolicy(Base):
    """The limits of a request."""

    __tablename__ = "credit_policies"

    effective_from: Mapped[date] = mapped_column(Date, primary_key=True)
    amount_min_minor: Mapped[int]
    amount_max_minor: Mapped[int]
    amount_step_minor: Mapped[int]
    """Amounts are multiples of this, so that they divide into quotas."""
    term_months_min: Mapped[int] = mapped_column(Integer)
    term_months_max: Mapped[int] = mapped_column(Integer)
    hectares_max: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    documents_max: Mapped[int] = mapped_column(Integer)
    """Per request."""
    identity_required: Mapped[bool] = mapped_column(Boolean)
    """Whether a request is approved only after the farmer's identity is verified."""


class GradeLimit(Base):
    """The most that a grade may be lent; a grade without a row is lent nothing."""

    __tablename__ = "grade_limits"

    effective_from: Mapped[date] = mapped_column(ForeignKey("credit_policies.effective_from"), primary_key=True)
    grade: Mapped[str] = mapped_column(primary_key=True)
    amount_max_minor: Mapped[int]
