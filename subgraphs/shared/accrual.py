"""
What of a period's interest has accrued by a day: compounded within the period, so that all of it has at its end.

Months are equal whatever their days (decision 8), so a part of a period is its days by the days that it has. Whoever
shows what is owed on a day, and whoever charges it in another domain, compute the same here.
"""

from datetime import date
from decimal import Decimal, localcontext

from subgraphs.shared.money import round_half_up

PRECISION = 50
"""Digits of intermediate results: far more than cents of any amount can show."""


def elapsed(on: date, *, starts_on: date, due_on: date) -> Decimal:
    """What part of a period has passed: 0 before it begins, 1 when it is over."""
    passed = min(max((on - starts_on).days, 0), max((due_on - starts_on).days, 1))
    return Decimal(passed) / max((due_on - starts_on).days, 1)


def accrued_interest(interest_minor: int, *, monthly_rate: Decimal, months: int, passed: Decimal) -> int:
    """What has accrued of a period's *interest_minor* once the part *passed* of its *months* is over."""
    with localcontext(prec=PRECISION):
        whole = (1 + monthly_rate) ** months - 1
        part = ((1 + monthly_rate) ** (months * passed) - 1) / whole if whole else Decimal(0)
        return round_half_up(interest_minor * part)
