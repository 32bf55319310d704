"""
The state's collection of taxes: who issues payment slips (DARF) for what we owe, and takes their payment.

An order carries a name that we made (`reference`), and a slip has the number that the collector gave it; repeating
either call is the same slip, and the same payment.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class CollectorUnavailable(Exception):
    """It does not answer, or not in time. Whether an order was taken is unknown; repeat it."""


class CollectorRefused(Exception):
    """It will not take this order; the message says why. Somebody has to see to it."""


@dataclass(frozen=True, kw_only=True)
class SlipOrder:
    reference: str
    revenue_code: str
    period_to: date
    """The last day on which what is paid was withheld."""
    due_on: date
    amount_minor: int
    """The tax."""
    fine_minor: int
    interest_minor: int
    """For being paid late."""
    good_until: date
    """The last day on which it can be paid by this slip."""

    @property
    def total_minor(self) -> int:
        return self.amount_minor + self.fine_minor + self.interest_minor


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """That a slip is paid."""

    slip_number: str
    amount_minor: int
    authentication: str
    paid_at: datetime


class TaxCollector(Protocol):
    """Every method may raise CollectorUnavailable; none is called inside a database transaction."""

    async def issue_slip(self, order: SlipOrder) -> str:
        """The number of the payment slip for this order. Raises CollectorRefused."""
        ...

    async def pay_slip(self, number: str) -> Receipt:
        """Pay a slip from our bank account; one that is paid answers with its receipt. Raises CollectorRefused."""
        ...

    async def find_receipt(self, number: str) -> Receipt | None:
        """That a slip is paid; None of one that is not, or was never issued."""
        ...
