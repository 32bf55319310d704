"""When a message that failed is tried again, and when it is given up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """
    Backoff by tiers: a message's nth failure waits for the nth delay, the last one repeating.

    Fixed tiers rather than a formula, because RabbitMQ needs a queue per delay.
    The defaults give a failing handler about twelve minutes and one that waits for
    an earlier fact about fifty: a fact may be delayed by as long as its own retries.
    """

    delays_s: tuple[float, ...] = (0.2, 1.0, 5.0, 30.0, 120.0)
    attempts_max: int = 10
    """Attempts, the first included, of a handler that raises."""
    not_yet_attempts_max: int = 30
    """Attempts, the first included, of a handler that says NotYet."""

    def __post_init__(self) -> None:
        if not self.delays_s or min(self.delays_s) <= 0 or max(self.delays_s) > 24 * 60 * 60:
            raise ValueError("delays_s needs at least one delay, each above 0 and at most a day")
        if self.attempts_max < 1 or self.not_yet_attempts_max < 1:
            raise ValueError("a message has at least one attempt")

    def delay_after(self, attempt: int, *, not_yet: bool = False) -> float | None:
        """Seconds to wait after *attempt* (from 1) failed, or None when it was the last."""
        if attempt >= (self.not_yet_attempts_max if not_yet else self.attempts_max):
            return None
        return self.delays_s[min(attempt, len(self.delays_s)) - 1]
