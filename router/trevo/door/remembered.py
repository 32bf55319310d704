"""What texts mean, remembered where many requests say the same."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Text = TypeVar("Text", str, bytes)
T = TypeVar("T")


def remembered(entries_max: int, length_max: int) -> Callable[[Callable[[Text], T]], Callable[[Text], T]]:
    """
    A decorator: what a function gives is remembered of the *entries_max* texts asked for last.

    Texts longer than *length_max* are not: no usual one is, and somebody could send them to fill the memory.
    """

    def decorate(read: Callable[[Text], T]) -> Callable[[Text], T]:
        known = lru_cache(maxsize=entries_max)(read)

        @wraps(read)
        def look_up(text: Text) -> T:
            return known(text) if len(text) <= length_max else read(text)

        return look_up

    return decorate
