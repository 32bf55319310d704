"""Days on which Brazilian banks work."""

from datetime import date

import pytest

from subgraphs.shared.business_days import add_business_days, is_business_day


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 21),  # a Saturday
        date(2026, 11, 22),  # a Sunday
        date(2026, 11, 20),  # Consciência Negra
        date(2026, 12, 25),
        date(2027, 1, 1),
        date(2027, 2, 8),  # carnival's Monday
        date(2027, 2, 9),  # carnival's Tuesday
        date(2027, 3, 26),  # Good Friday
        date(2027, 4, 21),  # Tiradentes
        date(2027, 5, 27),  # Corpus Christi
    ],
)
def test_banks_are_closed(day: date) -> None:
    assert not is_business_day(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 23),
        date(2026, 12, 24),  # half a day, but with clearing
        date(2027, 2, 10),  # Ash Wednesday, from noon
        date(2026, 10, 28),  # civil servants' day
    ],
)
def test_banks_are_open(day: date) -> None:
    assert is_business_day(day)


def test_thirty_business_days_over_christmas() -> None:
    # From Monday 2026-11-23: Christmas, New Year and six weekends lie between.
    assert add_business_days(date(2026, 11, 23), 30) == date(2027, 1, 6)


def test_the_first_day_does_not_count() -> None:
    assert add_business_days(date(2026, 11, 19), 1) == date(2026, 11, 23)
    assert add_business_days(date(2026, 11, 23), 0) == date(2026, 11, 23)
