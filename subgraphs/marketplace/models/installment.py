"""What the farmer owes when: our copy of contracts' schedule, for the progress of investments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.marketplace.models.metadata import Base


class Installment(Base):
    """One installment of an activated CPR."""

    __tablename__ = "installments"
    __table_args__ = (
        UniqueConstraint("cpr_id", "number"),
        CheckConstraint(
            "principal_minor >= 0 AND interest_minor >= 0 AND amount_minor = principal_minor + interest_minor",
            name="adds_up",
        ),
        CheckConstraint("carried_late_minor BETWEEN 0 AND interest_minor", name="carried_late_is_interest"),
        CheckConstraint("paid_at IS NULL OR replaced_at IS NULL", name="paid_or_replaced"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID]
    number: Mapped[int]
    due_on: Mapped[date]
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    amount_minor: Mapped[int]
    carried_late_minor: Mapped[int]
    """Of the interest, fine and interest for being late that a renegotiation carried. It is settled first."""
    paid_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    """When a renegotiation brought others in its place: nothing more is to come of it."""
    settled_minor: Mapped[int]
    """What payments of parts have settled of the amount, interest before principal."""
    payment_count: Mapped[int]
    """How many payments of it we have heard of, by their numbers."""

    @property
    def open_interest_minor(self) -> int:
        return max(self.interest_minor - self.settled_minor, 0)

    @property
    def open_carried_late_minor(self) -> int:
        return max(self.carried_late_minor - self.settled_minor, 0)

    @property
    def open_principal_minor(self) -> int:
        return self.amount_minor - self.settled_minor - self.open_interest_minor
