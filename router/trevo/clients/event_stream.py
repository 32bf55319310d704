"""
Reading server-sent events (HTML Living Standard, 9.2) as GraphQL over SSE uses them.

    : keep-alive                      a comment, passed over
    event: next                       an event: lines up to an empty one
    data: {"data": {"tick": 1}}
    id: 17                            its name: who comes back says which was the last

Fed with bytes as they come; nothing is kept beyond the event that is being read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ID = re.compile("[!-~](?:[ -~]{0,198}[!-~])?")


class EventTooLarge(Exception):
    """One event is larger than it may be."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; *data* without the line breaks around it."""

    type: str
    data: bytes
    id: str | None = None
    """None where it has none of its own; empty where from it on no event has one."""


def is_event_id(text: str) -> bool:
    """Whether *text* can be sent back as a header: 200 printable characters of ASCII at most."""
    return _ID.fullmatch(text) is not None


class EventReader:
    """Cuts a stream of bytes into events of at most *bytes_max*."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._line = bytearray()
        self._type = ""
        self._data: list[bytes] = []
        self._id: str | None = None
        self._size = 0
        self._skips_newline = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that *chunk* completes. Raises EventTooLarge."""
        # A line may end in CR, LF or both; CR and LF may come in two chunks.
        if self._skips_newline and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._skips_newline = chunk.endswith(b"\r")
        *whole, rest = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            self._grow(len(line))
            event = self._take_line(bytes(self._line) + line)
            self._line.clear()
            if event is not None:
                yield event
        self._grow(len(rest))
        self._line += rest

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._bytes_max:
            raise EventTooLarge

    def _take_line(self, line: bytes) -> Event | None:
        if not line:
            return self._finish()
        name, _, value = line.partition(b":")
        if name == b"":
            self._size -= len(line)  # a comment: an endless row of them is no large event
        elif name == b"data":
            self._data.append(value.removeprefix(b" "))
        elif name == b"event":
            self._type = value.removeprefix(b" ").decode("utf-8", "replace")
        elif name == b"id":
            given = value.removeprefix(b" ").decode("utf-8", "replace")
            self._id = given if is_event_id(given) else ""  # one that cannot be said again is as good as none
        return None

    def _finish(self) -> Event | None:
        self._size = 0
        if not self._type and not self._data:
            return None  # an id alone is that of the next event
        event = Event(self._type, b"\n".join(self._data), self._id)
        self._type, self._data, self._id = "", [], None
        return event
