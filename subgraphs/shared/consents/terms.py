"""
Which consent is good on a day.

A text of a purpose has versions, each in force from a day until the next one is. Who agreed to an earlier version than
the one in force has some days to read the new one, which the text itself says; then the earlier agreement is good no
more. Where no text of a purpose is in force, nobody has to agree to anything.
"""

from collections.abc import Collection
from datetime import date
from typing import Protocol, TypeVar


class Term(Protocol):
    """A version of a text, and from which day to which it matters."""

    @property
    def version(self) -> int: ...

    @property
    def valid_from(self) -> date: ...

    @property
    def earlier_good_until(self) -> date:
        """The day, not before *valid_from*, from which agreement to an earlier version is good no more."""
        ...


T = TypeVar("T", bound=Term)


def in_force(terms: Collection[T], today: date) -> T | None:
    """The version that is asked for *today*, of all versions of one purpose."""
    begun = [term for term in terms if term.valid_from <= today]
    return max(begun, key=lambda term: term.version, default=None)


def good_until(version: int, terms: Collection[Term]) -> date | None:
    """The day from which agreement to *version* is good no more; None as long as no later text ends it."""
    return min((term.earlier_good_until for term in terms if term.version > version), default=None)


def is_good(version: int | None, terms: Collection[Term], today: date) -> bool:
    """Whether who agreed to *version*, or to none, may go on *today*."""
    if version is None:
        return in_force(terms, today) is None
    until = good_until(version, terms)
    return until is None or today < until
