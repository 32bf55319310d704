"""
Which of the taxes that were withheld are to be paid to the state by now: periods, as arithmetic without a database.

What is withheld in a period is paid together, some business days after it. What is too little to be paid (a DARF has a
least amount) is carried into the next period, with which it is then due.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from subgraphs.shared.business_days import add_business_days
from subgraphs.wallet.models import RemittanceRule, TaxPeriod

_TEN_DAYS_END = (10, 20)


@dataclass(frozen=True)
class Period:
    """A period that is over and whose tax is enough to be paid, with what was carried into it."""

    first: date
    last: date
    rule: RemittanceRule
    """In force on the last day of it on which something was withheld."""

    @property
    def due_on(self) -> date:
        return add_business_days(self.last, self.rule.due_business_days)


def periods_to_pay(withheld: Mapping[date, int], rules: Sequence[RemittanceRule], *, today: date) -> Iterator[Period]:
    """
    The periods before *today* to pay, the oldest first, of one tax and one kind of person.

    *withheld* has the cents of each day that are in no payment yet; *rules* are theirs, the newest first. Raises
    LookupError for a day for which there is none.
    """
    by_period: dict[tuple[date, date], tuple[int, RemittanceRule]] = {}
    for day in sorted(withheld):
        rule = _rule_of(day, rules)
        first, last = _period_of(day, rule.period)
        if last < today:
            amount, _ = by_period.get((first, last), (0, rule))
            by_period[first, last] = amount + withheld[day], rule
    carried = 0
    for (first, last), (amount, rule) in by_period.items():
        carried += amount
        if carried >= rule.minimum_minor:
            yield Period(first, last, rule)
            carried = 0


def _rule_of(day: date, rules: Sequence[RemittanceRule]) -> RemittanceRule:
    rule = next((rule for rule in rules if rule.valid_from <= day), None)
    if rule is None:
        raise LookupError(f"no rule says how tax withheld on {day} is paid to the state")
    return rule


def _period_of(day: date, period: TaxPeriod) -> tuple[date, date]:
    month_end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if period is TaxPeriod.MONTH:
        return day.replace(day=1), month_end
    last = next((day.replace(day=end) for end in _TEN_DAYS_END if day.day <= end), month_end)
    earlier_end = next((end for end in reversed(_TEN_DAYS_END) if end < day.day), 0)
    return day.replace(day=1) + timedelta(days=earlier_end), last
