"""Schedules: the agreed vectors, printed; and what holds for any terms."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.domain.schedule import (
    Schedule,
    Terms,
    make_schedule,
    monthly_rate_of,
    months_after,
)
from subgraphs.contracts.models import BusinessDayRule, RateConversion
from subgraphs.shared.vocabulary import Amortisation

TWO_PERCENT = Decimal("0.02")


def a_schedule(
    amortisation: Amortisation,
    *,
    principal_minor: int = 1_000_000,
    monthly_rate: Decimal = TWO_PERCENT,
    term_months: int = 12,
    disbursed_on: date = date(2026, 11, 23),
    rule: BusinessDayRule = BusinessDayRule.FOLLOWING,
) -> Schedule:
    terms = Terms(
        principal_minor=principal_minor,
        monthly_rate=monthly_rate,
        term_months=term_months,
        amortisation=amortisation,
    )
    return make_schedule(terms, disbursed_on=disbursed_on, rule=rule)


PRICE = """
 no  due              principal      interest          amount         balance
  1  2026-12-23          745.60        200.00          945.60        9,254.40
  2  2027-01-25          760.51        185.09          945.60        8,493.89
  3  2027-02-23          775.72        169.88          945.60        7,718.17
  4  2027-03-23          791.24        154.36          945.60        6,926.93
  5  2027-04-23          807.06        138.54          945.60        6,119.87
  6  2027-05-24          823.20        122.40          945.60        5,296.67
  7  2027-06-23          839.67        105.93          945.60        4,457.00
  8  2027-07-23          856.46         89.14          945.60        3,600.54
  9  2027-08-23          873.59         72.01          945.60        2,726.95
 10  2027-09-23          891.06         54.54          945.60        1,835.89
 11  2027-10-25          908.88         36.72          945.60          927.01
 12  2027-11-23          927.01         18.54          945.55            0.00
     total            10,000.00      1,347.15       11,347.15
"""

SAC = """
 no  due              principal      interest          amount         balance
  1  2026-12-23          833.33        200.00        1,033.33        9,166.67
  2  2027-01-25          833.33        183.33        1,016.66        8,333.34
  3  2027-02-23          833.33        166.67        1,000.00        7,500.01
  4  2027-03-23          833.33        150.00          983.33        6,666.68
  5  2027-04-23          833.33        133.33          966.66        5,833.35
  6  2027-05-24          833.33        116.67          950.00        5,000.02
  7  2027-06-23          833.33        100.00          933.33        4,166.69
  8  2027-07-23          833.33         83.33          916.66        3,333.36
  9  2027-08-23          833.33         66.67          900.00        2,500.03
 10  2027-09-23          833.33         50.00          883.33        1,666.70
 11  2027-10-25          833.33         33.33          866.66          833.37
 12  2027-11-23          833.37         16.67          850.04            0.00
     total            10,000.00      1,300.00       11,300.00
"""

BULLET = """
 no  due              principal      interest          amount         balance
  1  2027-11-23       10,000.00      2,682.42       12,682.42            0.00
     total            10,000.00      2,682.42       12,682.42
"""


@pytest.mark.parametrize(
    ("amortisation", "printed"),
    [(Amortisation.PRICE, PRICE), (Amortisation.SAC, SAC), (Amortisation.BULLET, BULLET)],
)
def test_ten_thousand_at_two_percent_for_a_year(amortisation: Amortisation, printed: str) -> None:
    assert str(a_schedule(amortisation)) == printed.strip("\n")


def test_one_month_is_one_installment_in_every_form() -> None:
    amounts = {
        form: [part.amount_minor for part in a_schedule(form, term_months=1).installments] for form in Amortisation
    }
    assert amounts == {form: [1_020_000] for form in Amortisation}


def test_without_interest_only_the_principal_is_repaid() -> None:
    schedule = a_schedule(Amortisation.PRICE, monthly_rate=Decimal(0), term_months=3)
    assert [part.amount_minor for part in schedule.installments] == [333_333, 333_333, 333_334]
    assert a_schedule(Amortisation.BULLET, monthly_rate=Decimal(0)).interest_minor == 0


def test_months_keep_the_day_or_end_the_month() -> None:
    days = [months_after(date(2027, 10, 31), month) for month in (1, 2, 3, 4, 5, 14)]
    assert days == [
        date(2027, 11, 30),
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 12, 31),
    ]


def test_a_due_date_without_banks_moves_by_the_rule() -> None:
    # From 2026-12-25 the first due date is 2027-01-25, a Monday; from 2026-10-25 it is 2026-11-25; take a Saturday.
    first_due = {
        rule: a_schedule(Amortisation.PRICE, disbursed_on=date(2026, 11, 19), rule=rule).installments[1].due_on
        for rule in BusinessDayRule
    }
    # 2027-01-19 is a Tuesday.
    assert set(first_due.values()) == {date(2027, 1, 19)}
    saturday = {
        rule: a_schedule(Amortisation.PRICE, disbursed_on=date(2026, 11, 19), rule=rule).installments[0].due_on
        for rule in BusinessDayRule
    }
    assert saturday == {
        BusinessDayRule.FOLLOWING: date(2026, 12, 21),
        BusinessDayRule.PRECEDING: date(2026, 12, 18),
        BusinessDayRule.UNADJUSTED: date(2026, 12, 19),
    }


def test_a_moved_due_date_does_not_move_the_next_ones() -> None:
    due = [part.due_on for part in a_schedule(Amortisation.PRICE, disbursed_on=date(2026, 11, 19)).installments[:3]]
    assert due == [date(2026, 12, 21), date(2027, 1, 19), date(2027, 2, 19)]


@pytest.mark.parametrize(
    ("annual", "conversion", "monthly"),
    [
        ("0.18", RateConversion.EFFECTIVE, "0.013888430348"),
        ("0.268241794563", RateConversion.EFFECTIVE, "0.020000000000"),
        ("0.24", RateConversion.NOMINAL, "0.020000000000"),
        ("0.14", RateConversion.NOMINAL, "0.011666666667"),
    ],
)
def test_an_annual_rate_becomes_a_monthly_one(annual: str, conversion: RateConversion, monthly: str) -> None:
    assert str(monthly_rate_of(Decimal(annual), conversion)) == monthly


@pytest.mark.parametrize(
    "terms",
    [
        {"principal_minor": 0},
        {"principal_minor": -1},
        {"monthly_rate": Decimal("-0.01")},
        {"term_months": 0},
        {"term_months": 601},
    ],
)
def test_terms_without_sense_have_no_schedule(terms: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no schedule follows"):
        a_schedule(Amortisation.PRICE, **terms)


any_terms = st.builds(
    Terms,
    principal_minor=st.integers(1, 10**12),
    monthly_rate=st.decimals(0, Decimal("0.2"), places=12),
    term_months=st.integers(1, 120),
    amortisation=st.sampled_from(Amortisation),
)
any_day = st.dates(date(2026, 1, 1), date(2035, 12, 31))


@given(terms=any_terms, disbursed_on=any_day)
def test_the_principal_comes_back_exactly_and_no_part_is_negative(terms: Terms, disbursed_on: date) -> None:
    schedule = make_schedule(terms, disbursed_on=disbursed_on, rule=BusinessDayRule.UNADJUSTED)
    assert schedule.principal_minor == terms.principal_minor
    assert all(part.principal_minor >= 0 and part.interest_minor >= 0 for part in schedule.installments)


@given(terms=any_terms, disbursed_on=any_day, rule=st.sampled_from(BusinessDayRule))
def test_due_dates_rise_and_follow_the_disbursement(terms: Terms, disbursed_on: date, rule: BusinessDayRule) -> None:
    schedule = make_schedule(terms, disbursed_on=disbursed_on, rule=rule)
    due = [part.due_on for part in schedule.installments]
    assert all(earlier < later for earlier, later in zip([disbursed_on, *due], due, strict=False))
    assert [part.number for part in schedule.installments] == list(range(1, len(due) + 1))


@given(terms=any_terms.filter(lambda terms: terms.amortisation is Amortisation.PRICE), disbursed_on=any_day)
def test_price_installments_are_equal_but_the_last(terms: Terms, disbursed_on: date) -> None:
    schedule = make_schedule(terms, disbursed_on=disbursed_on, rule=BusinessDayRule.UNADJUSTED)
    amounts = [part.amount_minor for part in schedule.installments]
    still_owed = sum(part.principal_minor for part in schedule.installments[:-1]) < terms.principal_minor
    if still_owed:
        assert len(set(amounts[:-1])) <= 1


@given(terms=any_terms.filter(lambda terms: terms.amortisation is not Amortisation.BULLET), disbursed_on=any_day)
def test_each_months_interest_is_on_what_is_still_owed(terms: Terms, disbursed_on: date) -> None:
    schedule = make_schedule(terms, disbursed_on=disbursed_on, rule=BusinessDayRule.UNADJUSTED)
    balance = terms.principal_minor
    for part in schedule.installments:
        exact = balance * terms.monthly_rate
        assert abs(part.interest_minor - exact) <= Decimal("0.5")
        balance -= part.principal_minor
    assert balance == 0
