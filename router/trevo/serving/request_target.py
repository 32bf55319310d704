"""What a request is for, as its first line says."""

from typing import NamedTuple
from urllib.parse import unquote

import httptools

from trevo.door.remembered import remembered

URLS_KNOWN_MAX, URL_BYTES_KNOWN_MAX = 500, 200
"""Of addresses that are remembered: with a query string in it there are as many as there are requests."""


class Target(NamedTuple):
    """What a request is for."""

    path: str
    raw_path: bytes
    query: bytes


@remembered(URLS_KNOWN_MAX, URL_BYTES_KNOWN_MAX)
def target_of(url: bytes) -> Target:
    """The parts of *url*, its path read; raises what the parser raises of one that is none."""
    parsed = httptools.parse_url(url)
    path = parsed.path.decode("ascii")
    return Target(unquote(path) if "%" in path else path, parsed.path, parsed.query or b"")
