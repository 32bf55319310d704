"""The headers of a request, as whoever answers it reads them."""

from trevo.serving.asgi import Scope

NAMES_KNOWN_MAX, NAME_KNOWN_BYTES_MAX = 1_000, 64
"""How many names are kept, and of which length: clients make them up."""

_names: dict[bytes, str] = {}
"""Of headers, as text in lower case."""


def read_headers(scope: Scope) -> dict[str, str]:
    """Headers by name in lower case; repeated ones joined by a comma (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = _names.get(raw) or _name_of(raw), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def _name_of(raw: bytes) -> str:
    name: str = raw.decode("latin-1").lower()
    if len(_names) < NAMES_KNOWN_MAX and len(raw) <= NAME_KNOWN_BYTES_MAX:
        _names[raw] = name
    return name
