"""
How many connections may be open, and which one makes way when there is no more room.

A connection *waits* while it owes us something: its first request, the rest of one, or the next one. One that is being
answered, or was taken over by a web socket, does not wait. When a newcomer finds no room, the one that has waited
longest makes way: so those who say nothing cost each other their places, and whoever speaks gets in.

    open:      ████████████████  open_max
    waiting:   ░░░░░░░░░         oldest first, makes way for a newcomer
    bodies:    bytes that came of requests that are not whole; beyond the bound the oldest of these makes way
"""

from collections import defaultdict
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from trevo.door.client_address import TrustedProxies, read_address, subscriber_of


class ConnectionBounds(BaseModel):
    """What one connection, and all of them, may cost a server before a request is whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    open_max: int = Field(2_500, gt=0)
    """Connections open at once."""
    open_per_address_max: int = Field(500, gt=0)
    """Of one address; generous, because a whole town may share one. Proxies that are trusted are not counted so."""
    idle_seconds: int = Field(75, gt=0)
    """How long a connection is kept for its next request: longer than the 60 s of most load balancers, or these send
    requests into connections that we are closing."""
    head_seconds_max: float = Field(10.0, gt=0)
    """From the first byte (of a new connection: from its opening) to the end of a request's head."""
    head_bytes_max: int = Field(65_536, gt=0)
    """Of a request's first line and headers (431)."""
    headers_max: int = Field(100, gt=0)
    """Headers of a request (431)."""
    body_seconds_max: float = Field(120.0, gt=0)
    """For a whole body (408)."""
    body_grace_seconds: float = Field(5.0, gt=0)
    """How often the pace of a body is looked at, the first time after as long."""
    body_bytes_per_second_min: float = Field(500.0, ge=0)
    """The pace of a body, from its beginning; a slower one is cut off (408)."""
    bodies_bytes_max: int = Field(256_000_000, gt=0)
    """Of all requests that are not whole, together."""
    stall_seconds_max: float = Field(120.0, gt=0)
    """For a client to take what lies ready for it."""


class ConnectionPlace:
    """One open connection's. *cut_off* ends the connection; it is called when it has to make way."""

    __slots__ = ("address", "bytes_held", "cut_off")

    def __init__(self, address: str | None, cut_off: Callable[[], None]) -> None:
        self.address = address
        self.cut_off = cut_off
        self.bytes_held = 0


class OpenConnections:
    """The open connections of one server. Dictionaries keep their order, so the first of one is its oldest."""

    def __init__(self, bounds: ConnectionBounds, trusted: TrustedProxies) -> None:
        self._bounds = bounds
        self._trusted = trusted
        self._open: set[ConnectionPlace] = set()
        self._by_address: defaultdict[str, set[ConnectionPlace]] = defaultdict(set)
        self._waiting: dict[ConnectionPlace, None] = {}
        self._waiting_by_address: defaultdict[str, dict[ConnectionPlace, None]] = defaultdict(dict)
        self._holding: dict[ConnectionPlace, None] = {}
        self.bytes_held = 0

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, peer: str | None, cut_off: Callable[[], None]) -> ConnectionPlace | None:
        """A place for a new connection from *peer*, which waits from now on; None where there is no room."""
        address = None if peer is None or self._trusted.trust(read_address(peer), 0) else subscriber_of(peer)
        is_crowded = address is not None and len(self._by_address.get(address, ())) >= self._bounds.open_per_address_max
        if is_crowded and not self._make_way(self._waiting_by_address.get(address or "", {})):
            return None
        if len(self._open) >= self._bounds.open_max and not self._make_way(self._waiting):
            return None
        place = ConnectionPlace(address, cut_off)
        self._open.add(place)
        if address is not None:
            self._by_address[address].add(place)
        self.wait(place)
        return place

    def wait(self, place: ConnectionPlace) -> None:
        """It owes us something from now on; harmless when repeated."""
        if place in self._open and place not in self._waiting:
            self._waiting[place] = None
            if place.address is not None:
                self._waiting_by_address[place.address][place] = None

    def stop_waiting(self, place: ConnectionPlace) -> None:
        """It has said what it had to; harmless when repeated."""
        self._waiting.pop(place, None)
        if place.address is not None:
            _discard(self._waiting_by_address, place.address, place)
        self._holding.pop(place, None)
        self.bytes_held -= place.bytes_held
        place.bytes_held = 0

    def hold(self, place: ConnectionPlace, size: int) -> None:
        """So many more bytes of its body came."""
        if place not in self._waiting:
            return
        self._holding[place] = None
        place.bytes_held += size
        self.bytes_held += size
        while self.bytes_held > self._bounds.bodies_bytes_max:
            self._make_way(self._holding)

    def leave(self, place: ConnectionPlace) -> None:
        """It is closed; harmless when repeated."""
        # Each would know the other, and only the collector of garbage find them.
        place.cut_off = _nothing
        self.stop_waiting(place)
        self._open.discard(place)
        if place.address is not None and place.address in self._by_address:
            self._by_address[place.address].discard(place)
            if not self._by_address[place.address]:
                del self._by_address[place.address]

    def _make_way(self, candidates: dict[ConnectionPlace, None]) -> bool:
        oldest = next(iter(candidates), None)
        if oldest is None:
            return False
        cut_off = oldest.cut_off
        self.leave(oldest)
        cut_off()
        return True


def _nothing() -> None:
    """What ends a connection that has ended."""


def _discard(places: defaultdict[str, dict[ConnectionPlace, None]], address: str, place: ConnectionPlace) -> None:
    if address in places:
        places[address].pop(place, None)
        if not places[address]:
            del places[address]
