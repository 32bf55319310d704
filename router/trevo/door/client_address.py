"""
Whose address a request comes from.

A proxy adds the address of whoever it heard from at the right end of `X-Forwarded-For`; everything further left was
there before and may be invented. So the list is read from the right, for as long as whoever wrote an entry is one of
our own:

    peer            10.0.0.7      trusted: it wrote the last entry
    last entry      10.0.0.9      trusted: it wrote the one before
    before it       203.0.113.4   not ours: this is the client
    before that     127.0.0.1     what the client says of itself; nobody reads it
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from trevo.door.remembered import remembered

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ENTRIES_MAX = 30
"""Read of one list. More proxies than this stand before nobody."""
ENTRIES_KNOWN_MAX, KNOWN_CHARACTERS_MAX = 2_000, 100
"""How many texts are remembered with what they mean, and of which length. Each request asks for its client's twice, and
reading one costs as much as reading a small body. No address is longer, but what somebody sends in its place may be."""
IPV6_SUBSCRIBER_PREFIX = 64
"""One subscriber has this whole network, and could otherwise come from a new address each time."""


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Which proxies are believed: by their *networks*, or the nearest *hops* whatever their addresses."""

    networks: tuple[Network, ...] = ()
    hops: int = 0

    @classmethod
    def of(cls, networks: Iterable[str], hops: int = 0) -> "TrustedProxies":
        """Raises ValueError for what is no network."""
        return cls(tuple(ip_network(network) for network in networks), hops)

    def trust(self, address: Address | None, distance: int) -> bool:
        """Whether the one at *address*, so many hops away (the peer: 0), is believed."""
        if distance < self.hops:
            return True
        return address is not None and any(address in network for network in self.networks)


NOBODY = TrustedProxies()


def find_client(peer: str | None, forwarded_for: Iterable[str], trusted: TrustedProxies) -> str | None:
    """
    The client's address in its usual writing; None where there is none.

    *forwarded_for* are the header's lines as they came. An entry that cannot be read ends the search: the last one that
    could be read is the client then, which at worst counts a few people together and never believes one of them.
    """
    peer = peer or ""  # which names no address
    if not trusted.networks and not trusted.hops:
        return written(peer)
    client = read_address(peer)
    entries = _entries_from_the_right(forwarded_for)
    distance = 0
    while trusted.trust(client, distance):
        found = read_address(next(entries, ""))
        if found is None:
            break
        client = found
        distance += 1
    return None if client is None else str(client)


@remembered(ENTRIES_KNOWN_MAX, KNOWN_CHARACTERS_MAX)
def read_address(text: str) -> Address | None:
    """The address that *text* names, with or without a port; None where it names none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        # A zone means something on its own machine only.
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@remembered(ENTRIES_KNOWN_MAX, KNOWN_CHARACTERS_MAX)
def written(text: str) -> str | None:
    """The address that *text* names in its usual writing; None where it names none."""
    address = read_address(text)
    return None if address is None else str(address)


@remembered(ENTRIES_KNOWN_MAX, KNOWN_CHARACTERS_MAX)
def subscriber_of(address: str) -> str:
    """What *address* is counted as: itself, or the network of its subscriber where it is of IPv6."""
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_SUBSCRIBER_PREFIX), strict=False))
    return address if found is None else str(found)


def _entries_from_the_right(lines: Iterable[str]) -> Iterator[str]:
    # Lines of one header are one list (RFC 9110, 5.3).
    rest = ",".join(lines)
    for _ in range(ENTRIES_MAX):
        rest, comma, entry = rest.rpartition(",")
        yield entry
        if not comma:
            return
