"""
Waiting out what is away.

A failing handler is counted against a message's attempts; an absent database is nobody's fault here, and is waited out.
"""

import random


class DatabaseUnavailable(Exception):
    """The domain's database cannot be reached at the moment."""


def backoff_s(failures: int, *, first_s: float = 0.1, longest_s: float = 10.0) -> float:
    """
    How long to wait after the nth failure in a row.

    Doubling, spread by a fifth so that many waiters do not return in one instant.
    """
    delay: float = min(first_s * 2 ** min(failures - 1, 16), longest_s)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  # not a secret
