"""Periods of withheld tax, their due days, and what is too little to be paid: arithmetic without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.domain.tax_periods import Period, periods_to_pay
from subgraphs.wallet.models import RemittanceRule, Tax, TaxPeriod


def rule(period: TaxPeriod = TaxPeriod.TEN_DAYS, *, since: str = "2020-01-01", minimum: int = 10_00) -> RemittanceRule:
    return RemittanceRule(
        tax=Tax.INCOME_TAX,
        person=PersonKind.NATURAL,
        valid_from=date.fromisoformat(since),
        revenue_code="8053",
        period=period,
        due_business_days=3,
        minimum_minor=minimum,
        legal_basis="",
        doubt="",
    )


def told(periods: list[Period]) -> list[tuple[str, str, str]]:
    return [(str(period.first), str(period.last), str(period.due_on)) for period in periods]


@pytest.mark.parametrize(
    ("day", "first", "last", "due"),
    [
        ("2026-11-01", "2026-11-01", "2026-11-10", "2026-11-13"),
        ("2026-11-10", "2026-11-01", "2026-11-10", "2026-11-13"),
        ("2026-11-11", "2026-11-11", "2026-11-20", "2026-11-25"),
        ("2026-11-30", "2026-11-21", "2026-11-30", "2026-12-03"),
        ("2026-12-31", "2026-12-21", "2026-12-31", "2027-01-06"),  # New Year's Day, and a weekend
        ("2028-02-29", "2028-02-21", "2028-02-29", "2028-03-03"),
        ("2027-02-28", "2027-02-21", "2027-02-28", "2027-03-03"),
    ],
)
def test_ten_days_end_on_the_tenth_the_twentieth_and_the_month_s_last(
    day: str, first: str, last: str, due: str
) -> None:
    withheld = {date.fromisoformat(day): 10_00}
    found = list(periods_to_pay(withheld, [rule()], today=date.fromisoformat(last) + timedelta(days=1)))
    assert told(found) == [(first, last, due)]
    assert list(periods_to_pay(withheld, [rule()], today=date.fromisoformat(last))) == []


def test_a_month_is_paid_as_one() -> None:
    withheld = {date(2026, 11, 1): 5_00, date(2026, 11, 30): 5_00}
    found = list(periods_to_pay(withheld, [rule(TaxPeriod.MONTH)], today=date(2026, 12, 1)))
    assert told(found) == [("2026-11-01", "2026-11-30", "2026-12-03")]


def test_what_is_too_little_is_paid_with_the_next_period_that_makes_it_enough() -> None:
    withheld = {date(2026, 11, 5): 4_00, date(2026, 11, 15): 5_99, date(2026, 11, 25): 1}
    assert list(periods_to_pay(withheld, [rule()], today=date(2026, 11, 30))) == []
    found = list(periods_to_pay(withheld, [rule()], today=date(2026, 12, 1)))
    assert told(found) == [("2026-11-21", "2026-11-30", "2026-12-03")]


def test_periods_that_were_missed_are_paid_one_by_one() -> None:
    withheld = {date(2026, 11, 5): 10_00, date(2026, 11, 15): 10_00, date(2026, 11, 25): 10_00}
    found = list(periods_to_pay(withheld, [rule()], today=date(2026, 11, 25)))
    assert told(found) == [
        ("2026-11-01", "2026-11-10", "2026-11-13"),
        ("2026-11-11", "2026-11-20", "2026-11-25"),
    ]


def test_the_rule_of_the_day_says_what_the_period_is() -> None:
    rules = [rule(TaxPeriod.MONTH, since="2026-11-01"), rule()]
    withheld = {date(2026, 10, 31): 10_00, date(2026, 11, 1): 10_00}
    found = list(periods_to_pay(withheld, rules, today=date(2026, 12, 1)))
    assert told(found) == [
        ("2026-10-21", "2026-10-31", "2026-11-05"),
        ("2026-11-01", "2026-11-30", "2026-12-03"),
    ]


def test_without_a_rule_nothing_is_paid_by_a_guess() -> None:
    with pytest.raises(LookupError, match="no rule says how tax withheld on 2019-12-31 is paid"):
        list(periods_to_pay({date(2019, 12, 31): 10_00}, [rule()], today=date(2026, 12, 1)))


DAYS = st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 20_00), max_size=60)


@given(withheld=DAYS, today=st.dates(date(2026, 1, 1), date(2028, 1, 31)))
def test_each_day_is_in_one_payment_at_most_and_what_waits_is_too_little_or_not_over(
    withheld: dict[date, int], today: date
) -> None:
    found = list(periods_to_pay(withheld, [rule()], today=today))
    ends = [period.last for period in found]
    assert ends == sorted(set(ends))
    assert all(end < today for end in ends)
    earlier = date.min
    for end in ends:
        assert sum(amount for day, amount in withheld.items() if earlier < day <= end) >= 10_00
        earlier = end
    open_since = today.replace(day=max(end + 1 for end in (0, 10, 20) if end < today.day))
    assert sum(amount for day, amount in withheld.items() if earlier < day < open_since) < 10_00
