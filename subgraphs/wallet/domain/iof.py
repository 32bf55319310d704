"""
IOF, the tax on credit: a part of the principal per day, up to a number of days, and a part once.

Pure arithmetic; the rates are dated rows (`IofRate`), zero for a producer's registered CPR. Source: Decreto
6.306/2007, art. 7.
"""

from dataclasses import dataclass
from decimal import Decimal

from subgraphs.shared.money import round_half_up

DAYS_PER_MONTH = 30
"""A term in months counts as so many days each; banks count the same in a 360-day year."""


@dataclass(frozen=True, slots=True)
class Iof:
    """The tax due, in cents, by its two parts."""

    daily_minor: int
    additional_minor: int

    @property
    def total_minor(self) -> int:
        return self.daily_minor + self.additional_minor


def iof_due(principal_minor: int, *, days: int, daily_rate: Decimal, days_max: int, additional_rate: Decimal) -> Iof:
    """The tax on *principal_minor* lent for *days*, each part rounded half up to cents."""
    counted = min(days, days_max)
    return Iof(
        daily_minor=round_half_up(principal_minor * daily_rate * counted),
        additional_minor=round_half_up(principal_minor * additional_rate),
    )
