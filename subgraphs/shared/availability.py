"""
What a database's error means: not available now, a value that cannot be stored, or a fault of ours.

The one place that knows. A client is told to try again (`SERVICE_UNAVAILABLE`, 503), or that its input is wrong
(`BAD_USER_INPUT`, 400), or that something went wrong here; a reaction waits, or counts an attempt.

SQLAlchemy wraps what asyncpg raises, and while a connection is being opened its wrapping says little: so the error
that asyncpg raised is looked at, and the server's own word for it (SQLSTATE).
"""

from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from subgraphs.shared.refusal import Busy


class Unavailable(Exception):
    """Not now: there is no room, or what is needed cannot be reached. Nothing was done; trying again may help."""


_CONNECTION_FAILURES = (
    OSError,  # refused, reset, timed out
    TimeoutError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,  # starting up, or shutting down
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InterfaceError,  # asyncpg's word for using a closed connection
    asyncpg.InternalClientError,  # and for one on which the server has said goodbye and is about to hang up
)

_STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
"""A statement was prepared before a migration changed what it answers."""

_BUSY_STATES = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available: waited too long for a row
        "57014",  # query_canceled: took too long
    }
)
_BUSY_CLASS = "53"
"""Insufficient resources: connections, memory, disk."""

_BAD_VALUE_STATES = frozenset(
    {
        "22003",  # numeric_value_out_of_range
        "22008",  # datetime_field_overflow
        "22021",  # character_not_in_repertoire: a NUL in a text
        "22P05",  # untranslatable_character: a NUL in JSON
    }
)


def _all_of(error: BaseException) -> Iterator[BaseException]:
    """*error*, the driver's under it, and asyncpg's under that."""
    yield error
    if isinstance(error, DBAPIError) and error.orig is not None:
        yield error.orig
        if error.orig.__cause__ is not None:
            yield error.orig.__cause__


def _state_of(error: BaseException) -> str:
    return next((state for one in _all_of(error) if isinstance(state := getattr(one, "sqlstate", None), str)), "")


def is_lost_connection(error: BaseException) -> bool:
    """The connection broke under a statement; whether a commit took effect is unknown."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_connection_failure(error: BaseException) -> bool:
    """No connection could be had, or the one there was is lost or stale."""
    if is_lost_connection(error) or isinstance(error, OperationalError):
        return True
    return any(isinstance(one, _CONNECTION_FAILURES) and not _is_misuse(one) for one in _all_of(error))


def _is_misuse(error: BaseException) -> bool:
    """What asyncpg calls an InterfaceError too, and no fresh connection would mend."""
    return isinstance(error, asyncpg.DataError) or (
        isinstance(error, asyncpg.InterfaceError) and "another operation is in progress" in str(error)
    )


def is_stale_statement(error: BaseException) -> bool:
    """Whether a connection's prepared statements are older than the schema: a fresh connection has none."""
    return any(isinstance(one, _STALE) for one in (error, error.__cause__, *_all_of(error)))


def is_unavailable(error: BaseException | None) -> bool:
    """Whether *error* says "not now, try again" rather than that we, or who asked, made a mistake."""
    if error is None:
        return False
    if isinstance(error, Unavailable | Busy) or is_connection_failure(error) or is_stale_statement(error):
        return True
    state = _state_of(error)
    return state in _BUSY_STATES or state.startswith(_BUSY_CLASS)


def is_bad_value(error: BaseException | None) -> bool:
    """
    Whether the database could not take a value: a NUL in a text, a number or an instant out of its range.

    Arguments are checked where they come in, so this is a net below that: what a client sent is the client's error
    also where no check was thought of.
    """
    if error is None:
        return False
    # What asyncpg itself cannot write for the server says why in its cause.
    is_unwritable = any(
        isinstance(one, asyncpg.DataError) and isinstance(one.__cause__, OverflowError | UnicodeEncodeError)
        for one in _all_of(error)
    )
    return is_unwritable or _state_of(error) in _BAD_VALUE_STATES
