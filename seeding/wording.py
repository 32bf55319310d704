"""Ids and names within texts: found once in what was told, put anew into each copy."""

import re
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from seeding.copies import Copy

Made = Callable[[Copy], str]

_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_HEX = "(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"
_TAIL = "(?<![0-9A-Za-z])(?:[0-9A-F]{12}|[0-9A-F]{8})(?![0-9A-Za-z])"
"""As in a CPR's number, and in the registry's of it: the end of an id."""


class Wording:
    """
    How to put texts anew: *names* are to be found in them wherever they stand, *ids* by their ends.

    A name that has an id inside is that id's; an e-mail address gets the copy's number, another name another end.
    """

    def __init__(self, names: Iterable[str] = (), ids: Iterable[UUID] = ()) -> None:
        self._names: Mapping[str, Made] = {}
        self._tails = {told.hex[-length:].upper(): told for told in ids for length in (8, 12)}
        self._places = re.compile(f"{_ID}|{_HEX}|{_TAIL}")
        self._names = {name: self.of(name) or _name_anew(name) for name in names if name}
        longest_first = sorted(map(re.escape, self._names), key=len, reverse=True)
        self._places = re.compile("|".join((*longest_first, _ID, _HEX, _TAIL)))

    def of(self, told: str) -> Made | None:
        """What makes a copy's text of *told*; None when every copy has the same."""
        parts: list[str | Made] = []
        end = 0
        for place in self._places.finditer(told):
            made = self._part(place[0])
            if made is not None:
                parts += [told[end : place.start()], made]
                end = place.end()
        if not parts:
            return None
        parts.append(told[end:])
        if len(parts) == 3 and not parts[0] and not parts[2] and not isinstance(parts[1], str):
            return parts[1]
        return lambda copy: "".join(part if isinstance(part, str) else part(copy) for part in parts)

    def _part(self, found: str) -> Made | None:
        if found in self._names:
            return self._names[found]
        if len(found) == 36:  # an id as it is written
            told = UUID(found)
            return lambda copy: str(copy.id(told))
        if len(found) == 32:  # its digits alone
            told = UUID(found)
            return lambda copy: copy.id(told).hex
        named = self._tails.get(found)
        length = len(found)
        return (lambda copy: copy.id(named).hex[-length:].upper()) if named else None


def _name_anew(name: str) -> Made:
    if "@" in name:
        return lambda copy: copy.email(name)
    return lambda copy: copy.name(name)
