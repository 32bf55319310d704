"""
What is being worked out, so that circles end.

Working out one way may need another, and that one the first again. Whoever comes back to unfinished work has to do with
what it has found so far; what is worked out from that may lack something, and is not to be remembered.

    ways of Book        began first
      ways of Shelf     began second; looked at the ways of Book, unfinished: not whole
    ways of Book        came back to nothing that began before: whole
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_NEVER = 1 << 62


@dataclass(slots=True)
class Work:
    """Something being worked out."""

    is_whole: bool = False
    """Known when it is done: whether nothing unfinished that began before was looked at."""


class Unfinished:
    """All that is being worked out, each with its place in the order of beginning."""

    def __init__(self) -> None:
        self._began: dict[Hashable, int] = {}
        self._came_back_to = _NEVER
        """The earliest unfinished work that was looked at since the current work began."""

    def comes_back(self, key: Hashable) -> bool:
        """Whether *key* is being worked out; if so, whoever asks has looked at unfinished work."""
        began = self._began.get(key)
        if began is None:
            return False
        self._came_back_to = min(self._came_back_to, began)
        return True

    @contextmanager
    def work_on(self, key: Hashable) -> Iterator[Work]:
        work = Work()
        began = self._began[key] = len(self._began)
        before, self._came_back_to = self._came_back_to, _NEVER
        try:
            yield work
        finally:
            del self._began[key]
            work.is_whole = self._came_back_to >= began
            if not work.is_whole:
                before = min(before, self._came_back_to)
            self._came_back_to = before
