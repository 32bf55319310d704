"""
What a tax costs that is paid late (Lei 9.430/1996, art. 61), as arithmetic without a database.

A fine for each day after the due date, up to a most; and interest, simple, for the months after the one that it was due
in: SELIC for each that is over, and one rate for the month of the payment. All are parts of the tax, by dated rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from subgraphs.shared.money import round_half_up
from subgraphs.wallet.models import LateTaxRule


@dataclass(frozen=True)
class LateTax:
    """In cents."""

    fine_minor: int
    interest_minor: int

    @property
    def total_minor(self) -> int:
        return self.fine_minor + self.interest_minor


def late_tax(amount_minor: int, rules: Sequence[LateTaxRule], *, due_on: date, paid_on: date) -> LateTax:
    """
    What is added to a tax that is paid after its due date.

    *rules* are all there have been, the newest first. Raises LookupError for a day for which there is none.
    """
    rule = _rule_of(paid_on, rules)
    fine_rate = min(rule.daily_fine_rate * (paid_on - due_on).days, rule.fine_rate_max)
    interest_rate = Decimal(0)
    month = _next_month(due_on)
    while month <= paid_on:
        is_over = _next_month(month) <= paid_on
        last_day = _next_month(month) - timedelta(days=1)
        interest_rate += _rule_of(last_day, rules).monthly_interest_rate if is_over else rule.payment_month_rate
        month = _next_month(month)
    return LateTax(round_half_up(amount_minor * fine_rate), round_half_up(amount_minor * interest_rate))


def _rule_of(day: date, rules: Sequence[LateTaxRule]) -> LateTaxRule:
    rule = next((rule for rule in rules if rule.valid_from <= day), None)
    if rule is None:
        raise LookupError(f"no rule says what tax costs that is paid late on {day}")
    return rule


def _next_month(day: date) -> date:
    """Its first day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
