"""Tells an application whom a request comes from, not which proxy brought it."""

from collections.abc import Awaitable
from functools import lru_cache

from trevo.door.client_address import ENTRIES_KNOWN_MAX, KNOWN_CHARACTERS_MAX, TrustedProxies, find_client
from trevo.serving.asgi import ASGIApp, Receive, Scope, Send

FORWARDED_FOR = b"x-forwarded-for"


class ClientAddress:
    """
    ASGI middleware: `scope["client"]` is the client's address, as far as the proxies before us are *trusted*.

    So whatever reads it (limits, records of sign-ins, what is passed on to others) goes by one rule. The port is the
    peer's only where the peer is the client, and 0 otherwise.
    """

    def __init__(self, app: ASGIApp, trusted: TrustedProxies) -> None:
        self._app = app
        self._trusted = trusted
        self._known = lru_cache(maxsize=ENTRIES_KNOWN_MAX)(self._find)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] in ("http", "websocket"):
            peer = scope.get("client")
            # Names are in lower case here (ASGI), and lines of one header are one list (RFC 9110, 5.3).
            line = b",".join([value for name, value in scope["headers"] if name == FORWARDED_FOR])
            find = self._known if len(line) <= KNOWN_CHARACTERS_MAX else self._find
            address = find(peer[0] if peer else None, line)
            if peer is None or address != peer[0]:
                scope = {**scope, "client": None if address is None else (address, 0)}
        return self._app(scope, receive, send)

    def _find(self, peer: str | None, forwarded_for: bytes) -> str | None:
        return find_client(peer, (forwarded_for.decode("latin-1"),), self._trusted)
