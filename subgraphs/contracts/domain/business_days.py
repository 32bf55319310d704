"""A day on which banks work in place of one on which they do not, by a CPR's rule."""

from datetime import date, timedelta

from subgraphs.contracts.models.vocabulary import BusinessDayRule
from subgraphs.shared.business_days import is_business_day


def adjust(day: date, rule: BusinessDayRule) -> date:
    """*day*, or the business day that *rule* puts in its place."""
    if rule is BusinessDayRule.UNADJUSTED:
        return day
    step = timedelta(days=1 if rule is BusinessDayRule.FOLLOWING else -1)
    while not is_business_day(day):
        day += step
    return day
