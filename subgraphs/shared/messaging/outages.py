"""
Telling an absent database from a failing statement.

The second is counted against a message's attempts; the first is nobody's fault
here, and is waited out.
"""

import random

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_CONNECTION_FAILURES = (
    OSError,  # refused, reset, timed out
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,  # starting up, or shutting down
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,  # asyncpg's word for using a closed connection
)


class DatabaseUnavailable(Exception):
    """The domain's database cannot be reached at the moment."""


def is_lost_connection(error: BaseException) -> bool:
    """The connection broke under a statement; whether a commit took effect is unknown."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_connection_failure(error: BaseException) -> bool:
    """No connection could be had, as far as the error of an attempt to use one can tell."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (
            error.orig is not None and isinstance(error.orig.__cause__, _CONNECTION_FAILURES)
        )
    return isinstance(error, _CONNECTION_FAILURES)


def backoff_s(failures: int, *, first_s: float = 0.1, longest_s: float = 10.0) -> float:
    """
    How long to wait after the nth failure in a row.

    Doubling, spread by a fifth so that many waiters do not return in one instant.
    """
    delay: float = min(first_s * 2 ** min(failures - 1, 16), longest_s)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  # not a secret
