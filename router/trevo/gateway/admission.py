"""
Who is let in, how many at once, and how what is open is ended.

Requests, subscriptions and web sockets are each counted against a limit. The last two stay for hours, so each of them
can be ended from elsewhere, for a reason that its client is told: a token runs out, a new graph comes, the process
stops.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from prometheus_client import Gauge

from trevo.errors import ClientError, RequestRefused

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """Why something long is over: for the log, and for the client unless it simply was complete."""

    reason: str
    error: ClientError | None = None


class Admitted:
    """One that was let in, for the time of a block or until it leaves earlier."""

    __slots__ = ("_door", "_person", "_scope", "ended")

    def __init__(self) -> None:
        self.ended: End | None = None
        self._door: Admission | None = None
        """Where it counts."""
        self._person: str | None = None
        self._scope: asyncio.Timeout | None = None

    def __enter__(self) -> "Admitted":
        return self

    def __exit__(self, *_error: object) -> None:
        self.leave()

    def end(self, end: End) -> None:
        """End it for this reason; the first one counts."""
        if self.ended is None:
            self.ended = end
            if self._scope is not None:
                self._scope.reschedule(0)

    async def until_ended(self, work: Coroutine[Any, Any, T]) -> T | End:
        """What *work* gives, or the reason for which it was ended, and cancelled, before."""
        try:
            # Set off by `end`, not by time.
            async with asyncio.timeout(None) as self._scope:
                if self.ended is not None:
                    self._scope.reschedule(0)
                return await work
        except TimeoutError:
            if self.ended is None:
                raise
            return self.ended
        finally:
            self._scope = None
            work.close()

    def enter(self, door: "Admission", person: str | None) -> None:
        """Count at *door* as *person*'s, and nowhere else."""
        self.leave()
        self._door, self._person = door, person

    def leave(self) -> None:
        """Count no more. Harmless when repeated."""
        if self._door is not None:
            door, self._door = self._door, None
            door.let_out(self, self._person)


class Admission:
    """
    The door for one kind of thing.

    *per_person_max* is for each whom `admit` names: a person, or an address. Where something *makes_way*, the one that
    was let in first is ended for that reason when there is no room, and the newcomer is not refused.
    """

    def __init__(
        self,
        at_once_max: int,
        gauge: Gauge,
        *,
        full: Callable[[], RequestRefused],
        per_person_max: int | None = None,
        makes_way: End | None = None,
    ) -> None:
        self._at_once_max = at_once_max
        self._full = full
        self._per_person_max = per_person_max
        self._makes_way = makes_way
        self._inside: dict[Admitted, str | None] = {}
        gauge.set_function(lambda: len(self._inside))
        self._by_person: Counter[str] = Counter()
        self._closed_for: End | None = None

    def admit(self, person: str | None = None) -> Admitted:
        """
        Let one in, until it leaves: it is a block to be in.

        Refuses when there are too many at once, or too many of this *person*.
        """
        admitted = Admitted()
        self._let_in(admitted, person)
        return admitted

    def take_over(self, admitted: Admitted, person: str | None = None) -> None:
        """Let in here who is inside elsewhere, and leaves there. Refuses as `admit` does."""
        self._let_in(admitted, person)

    def _let_in(self, admitted: Admitted, person: str | None) -> None:
        if person is not None and self._per_person_max is not None and self._by_person[person] >= self._per_person_max:
            self._make_room(of=person)
        if len(self._inside) >= self._at_once_max:
            self._make_room(of=None)
        admitted.enter(self, person)
        self._inside[admitted] = person
        if person is not None:
            self._by_person[person] += 1
        if self._closed_for is not None:
            admitted.end(self._closed_for)

    def _make_room(self, *, of: str | None) -> None:
        oldest = next((one for one, person in self._inside.items() if of is None or person == of), None)
        if self._makes_way is None or oldest is None:
            raise self._full()
        oldest.end(self._makes_way)
        oldest.leave()

    def end_all(self, end: End) -> None:
        """End every one that is inside."""
        for admitted in list(self._inside):
            admitted.end(end)

    def close(self, end: End) -> None:
        """End every one that is inside, and whoever still comes."""
        self._closed_for = end
        self.end_all(end)

    def let_out(self, admitted: Admitted, person: str | None) -> None:
        """For *admitted* to say that it leaves."""
        del self._inside[admitted]
        if person is not None:
            self._by_person[person] -= 1
            if not self._by_person[person]:
                del self._by_person[person]
