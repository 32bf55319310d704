"""
Days and instants as they come from outside: RFC 3339's one form of each, in ASCII.

Python's own readers take more (`20260101`, `2026-W01-4`, an instant without its offset, seconds since 1970), and an
instant that two parts read differently is a payment in time for one and late for the other.
"""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def read_day(text: object) -> date:
    """The day that `"2026-11-23"` says. Raises ValueError."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise ValueError('a day is a string like "2026-11-23"')
    return date.fromisoformat(text)


def read_instant(text: object) -> datetime:
    """The instant that `"2026-11-23T12:00:00Z"` says, with whatever offset it has. Raises ValueError."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise ValueError('an instant is a string like "2026-11-23T12:00:00Z", with its offset')
    return datetime.fromisoformat(text)


WireDay = Annotated[date, BeforeValidator(read_day)]
"""A day in a message from outside, for Pydantic."""
WireInstant = Annotated[datetime, BeforeValidator(read_instant)]
"""An instant in a message from outside, for Pydantic."""
