"""Platform parameters of contracts: dated rows, the newest that has begun is in force."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Integer, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.models.orm import Base


class ContractPolicy(Base):
    """How CPRs are drawn up. A CPR keeps what was in force when it was drafted."""

    __tablename__ = "contract_policies"

    effective_from: Mapped[date] = mapped_column(Date, primary_key=True)
    rate_conversion: Mapped[str]
    business_day_rule: Mapped[str]
    registration_business_days: Mapped[int] = mapped_column(Integer)
    """From issue to registration at most (Lei 8.929/1994, art. 12)."""
    due_soon_days: Mapped[int] = mapped_column(Integer)
    """How long before its due date an installment is announced."""
    late_fine_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """Of the installment, once."""
    late_monthly_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    """Of the installment, per month of thirty days, simple."""
    default_after_days: Mapped[int] = mapped_column(Integer)
    """A CPR that is late for longer is in default."""


class GradeRate(Base):
    """What a grade pays per year; a grade without a row gets no CPR."""

    __tablename__ = "grade_rates"

    effective_from: Mapped[date] = mapped_column(ForeignKey("contract_policies.effective_from"), primary_key=True)
    grade: Mapped[str] = mapped_column(primary_key=True)
    annual_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
