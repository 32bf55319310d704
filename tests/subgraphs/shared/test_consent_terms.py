"""Which consent is good on a day, whatever versions there are."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from subgraphs.shared.consents.terms import good_until, in_force, is_good

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Text:
    version: int
    valid_from: date
    earlier_good_until: date


def texts(*terms: tuple[int, int]) -> list[Text]:
    """Versions 1, 2, …, each from a day on, counted from the 23rd, and with so many days for earlier consents."""
    return [
        Text(version, DAY + timedelta(begins), DAY + timedelta(begins + days))
        for version, (begins, days) in enumerate(terms, start=1)
    ]


histories = some.lists(some.tuples(some.integers(1, 40), some.integers(0, 60)), min_size=1, max_size=6).map(
    lambda steps: texts(*((sum(step for step, _ in steps[: n + 1]), days) for n, (_, days) in enumerate(steps)))
)


def test_a_later_text_ends_the_earlier_ones_in_its_own_time() -> None:
    three = texts((0, 0), (10, 30), (20, 5))
    assert [good_until(version, three) for version in (1, 2, 3)] == [DAY + timedelta(25), DAY + timedelta(25), None]
    assert is_good(1, three, DAY + timedelta(24))
    assert not is_good(1, three, DAY + timedelta(25))
    assert is_good(3, three, DAY + timedelta(9_999))


def test_a_text_that_gives_no_time_ends_earlier_ones_with_its_first_day() -> None:
    two = texts((0, 0), (10, 0))
    assert (is_good(1, two, DAY + timedelta(9)), is_good(1, two, DAY + timedelta(10))) == (True, False)


def test_where_no_text_is_in_force_nobody_has_to_agree() -> None:
    assert is_good(None, [], DAY)
    assert is_good(None, texts((1, 0)), DAY)
    assert not is_good(None, texts((1, 0)), DAY + timedelta(1))
    assert in_force(texts((1, 0)), DAY) is None


@given(history=histories, days=some.integers(0, 400))
def test_who_agreed_to_what_is_in_force_goes_on_and_a_newer_consent_is_never_worse(
    history: list[Text], days: int
) -> None:
    today = DAY + timedelta(days)
    current = in_force(history, today)
    good = [is_good(text.version, history, today) for text in history]
    assert good == sorted(good)
    if current is not None:
        assert good[current.version - 1]
        assert not is_good(None, history, today)


@given(history=histories, days=some.integers(0, 400))
def test_what_has_lapsed_stays_lapsed(history: list[Text], days: int) -> None:
    today = DAY + timedelta(days)
    for text in history:
        if not is_good(text.version, history, today):
            assert not is_good(text.version, history, today + timedelta(1))
