"""Which addresses are asked by plain HTTP of our own, and what of them goes into a request."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PLAIN = re.compile(r"http://[!-~]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """A subgraph's URL in its parts."""

    host: str
    """A name, or an address of IPv4 or IPv6 (without brackets)."""
    port: int
    target: str
    """What the request asks for: path and query."""

    @property
    def authority(self) -> str:
        """As the header `host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 80 else f"{host}:{self.port}"


def plain_address(url: str) -> Address | None:
    """
    The parts of *url* if it is plain HTTP's: no TLS, no name or password, every character as it is sent.

    None leaves it to the library, which knows how to write the rest, or why it cannot be asked.
    """
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc or "%" in parts.netloc:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return Address(parts.hostname, port, (parts.path or "/") + query)
