"""A token bucket, kept as one number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trevo.door.rates import Rate, take


class Bucket:
    def __init__(self, text):
        self.rate = Rate.parse(text)
        self.full_at = 0.0

    def take(self, now, tokens=1):
        taken = take(self.rate, self.full_at, now, tokens)
        self.full_at = taken.full_at
        return taken.retry_after


def test_a_burst_is_let_through_and_one_more_waits_for_the_next_token():
    bucket = Bucket("60/minute burst 3")
    assert [bucket.take(100.0) for _ in range(4)] == [0, 0, 0, pytest.approx(1.0)]
    assert bucket.take(100.5) == pytest.approx(0.5)
    assert bucket.take(101.0) == 0
    assert bucket.take(101.0) == pytest.approx(1.0)


def test_a_bucket_does_not_gain_more_than_it_holds():
    bucket = Bucket("60/minute burst 2")
    bucket.take(100.0)
    assert [bucket.take(10_000.0) for _ in range(3)] == [0, 0, pytest.approx(1.0)]


def test_who_is_refused_loses_nothing_by_asking():
    bucket = Bucket("1/minute")
    bucket.take(100.0)
    for second in range(59):
        assert bucket.take(100.0 + second) == pytest.approx(60 - second)
    assert bucket.take(160.0) == 0


def test_several_are_taken_at_once_or_none():
    bucket = Bucket("60/minute burst 5")
    assert bucket.take(100.0, 3) == 0
    assert bucket.take(100.0, 3) == pytest.approx(1.0)
    assert bucket.take(100.0, 2) == 0
    assert bucket.take(200.0, 6) > 0


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/minute", Rate(10, 60, 10)),
        ("600/minute burst 100", Rate(600, 60, 100)),
        ("5/second", Rate(5, 1, 5)),
        ("3/hour burst 1", Rate(3, 3_600, 1)),
        ("1000/day", Rate(1_000, 86_400, 1_000)),
    ],
)
def test_a_rate_is_written_as_people_say_it(text, rate):
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "10", "0/minute", "10/week", "10/minute burst 0", "-1/minute", "10/minute burst"])
def test_what_is_no_rate_is_told(text):
    with pytest.raises(ValueError, match="is no rate; write '600/minute burst 100'"):
        Rate.parse(text)


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 5), st.integers(1, 5))
def test_no_window_ever_lets_through_more_than_a_burst_and_what_came_meanwhile(pauses, count, burst):
    bucket = Bucket(f"{count}/second burst {burst}")
    now, taken = 1_000.0, []
    for pause in pauses:
        now += pause
        if bucket.take(now) == 0:
            taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - taken[first]) * count + 1e-6
