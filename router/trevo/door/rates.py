"""
How often somebody may do something: a token bucket, kept as one number.

A bucket holds *burst* tokens and gains *count* in so many *seconds*. Instead of its tokens, the moment is kept at which
it would be full again (the generic cell rate algorithm): taking one token moves that moment on by the time that a token
takes to come, and there is none to take while it lies further ahead than a whole bucket takes to fill.

    now ──┬──── full_at ────┬──► time            burst × interval = the time that an empty bucket takes to fill
          └── tokens taken ─┘
"""

import re
from dataclasses import dataclass

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_RATE = re.compile(rf"([1-9]\d{{0,8}})/({'|'.join(_SECONDS)})(?: burst ([1-9]\d{{0,8}}))?")


@dataclass(frozen=True, slots=True)
class Rate:
    """*count* in each of so many *seconds*, of which *burst* may come at once."""

    count: int
    seconds: float
    burst: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Of `10/minute`, or `600/minute burst 100`; without a burst all may come at once. Raises ValueError."""
        match = _RATE.fullmatch(text)
        if match is None:
            units = ", ".join(_SECONDS)
            raise ValueError(f"'{text}' is no rate; write '600/minute burst 100' (units: {units})")
        count, unit, burst = match.groups()
        return cls(int(count), _SECONDS[unit], int(burst or count))

    @property
    def interval(self) -> float:
        """Seconds that a token takes to come."""
        return self.seconds / self.count

    @property
    def seconds_to_fill(self) -> float:
        return self.burst * self.interval


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a bucket: when it is full again, and how long to wait where there was not enough in it."""

    full_at: float
    retry_after: float = 0.0


def take(rate: Rate, full_at: float, now: float, tokens: int = 1) -> Taken:
    """
    Take *tokens* out of a bucket that is full at *full_at* (any time in the past, where it was never used).

    Where there are not enough nothing is taken. More than a whole bucket is never there, however long one waits.
    """
    after = max(full_at, now) + tokens * rate.interval
    retry_after = after - rate.seconds_to_fill - now
    # A whole bucket is enough for as many tokens as it holds, whatever adding up fractions makes of it.
    if retry_after > 1e-9 * rate.seconds_to_fill:
        return Taken(full_at, retry_after)
    return Taken(after)
