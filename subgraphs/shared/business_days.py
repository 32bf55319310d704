"""
Days on which Brazilian banks work.

Weekends and national holidays are out, and so are carnival's Monday and Tuesday and Corpus Christi, on which there is
no clearing (Resolução CMN 4.880/2020) although the law makes them no holidays.
"""

from datetime import date, timedelta
from functools import cache

import holidays

_WITHOUT_CLEARING = frozenset({"Carnival", "Corpus Christi"})


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The weekdays and weekend days of *year* without banks, weekends themselves apart."""
    national = set(holidays.country_holidays("BR", years=year, language="en_US"))
    optional = holidays.country_holidays("BR", years=year, categories=("optional",), language="en_US")
    return frozenset(national | {day for day, name in optional.items() if name in _WITHOUT_CLEARING})


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def add_business_days(day: date, count: int) -> date:
    """The *count*th business day after *day*, which itself does not count."""
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day
