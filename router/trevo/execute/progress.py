"""What of a plan with deferred fragments has been fetched so far, for those who write the response in pieces."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from trevo.execute.prepare import PreparedPart, PreparedPlan

_AT_ONCE = frozenset({0})
"""In the place of a deferral's number: what is wanted at once."""


class Progress:
    """Counts, for each deferral, the parts that still have to be answered."""

    def __init__(self, prepared: PreparedPlan) -> None:
        self._marks = [fetch.node.deferred or _AT_ONCE for fetch in prepared.fetches]
        self._missing = Counter(
            number
            for fetch, mark in zip(prepared.fetches, self._marks, strict=True)
            for number in (*mark,) * len(fetch.parts)
        )
        self._has_changed = asyncio.Event()
        self.is_over = False
        """Whether nothing more will come."""

    def answered(self, parts: Iterable[PreparedPart]) -> None:
        """Take *parts* for answered, with whatever it was."""
        for part in parts:
            for number in self._marks[part.fetch]:
                self._missing[number] -= 1
                if not self._missing[number]:
                    self._has_changed.set()

    def finish(self) -> None:
        """Nothing more will come."""
        self.is_over = True
        self._has_changed.set()

    def has(self, number: int = 0) -> bool:
        """Whether everything is there for the deferral of this number; 0: for what is wanted at once."""
        return self.is_over or not self._missing[number]

    async def change(self) -> None:
        """Wait until more may be there than when this was last waited for; what there is, is to be looked at then."""
        await self._has_changed.wait()
        self._has_changed.clear()
