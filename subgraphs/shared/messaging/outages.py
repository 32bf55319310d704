"""
Waiting out what is away.

A failing handler is counted against a message's attempts; an absent database is nobody's fault here, and is waited out.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


class DatabaseUnavailable(Exception):
    """The domain's database cannot be reached at the moment."""


def backoff_s(failures: int, *, first_s: float = 0.1, longest_s: float = 10.0) -> float:
    """
    How long to wait after the nth failure in a row.

    Doubling, spread by a fifth so that many waiters do not return in one instant.
    """
    delay: float = min(first_s * 2 ** min(failures - 1, 16), longest_s)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  # not a secret


async def settle_in_the_end(
    carry_out: Callable[[], Awaitable[None]],
    *,
    queue: str,
    outages: tuple[type[Exception], ...],
    is_lost: Callable[[], bool] = lambda: False,
) -> None:
    """Carry out what settles a message, through *outages* of its broker; not when it *is_lost*: then it comes back."""
    failures = 0
    while not is_lost():
        try:
            await carry_out()
        except outages as error:
            failures += 1
            if failures == 1:
                log.warning("cannot settle a message; it tries again", queue=queue, error=str(error))
            await asyncio.sleep(backoff_s(failures, longest_s=5.0))
        else:
            return
