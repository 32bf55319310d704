"""When a message is tried again."""

import pytest

from subgraphs.shared.messaging.retry import RetryPolicy


def test_delays_grow_and_the_last_one_repeats_until_the_attempts_are_used_up() -> None:
    policy = RetryPolicy(delays_s=(0.2, 1, 5), attempts_max=6)
    assert [policy.delay_after(attempt) for attempt in range(1, 8)] == [0.2, 1, 5, 5, 5, None, None]


def test_waiting_for_an_earlier_fact_has_its_own_bound() -> None:
    policy = RetryPolicy(delays_s=(0.2, 1), attempts_max=2, not_yet_attempts_max=4)
    assert [policy.delay_after(attempt, not_yet=True) for attempt in range(1, 6)] == [0.2, 1, 1, None, None]


@pytest.mark.parametrize("delays_s", [(), (0,), (-1.0,), (90_000.0,)])
def test_a_delay_is_positive_and_at_most_a_day(delays_s: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="delays_s"):
        RetryPolicy(delays_s=delays_s)


def test_there_is_at_least_one_attempt() -> None:
    with pytest.raises(ValueError, match="at least one attempt"):
        RetryPolicy(attempts_max=0)
