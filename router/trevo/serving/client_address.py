"""Tells an application whom a request comes from, not which proxy brought it."""

from collections.abc import Awaitable

from trevo.door.client_address import TrustedProxies, find_client
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

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] in ("http", "websocket"):
            peer = scope.get("client")
            # Looked for only if the peer is believed. Names are in lower case here (ASGI).
            lines = (value.decode("latin-1") for name, value in scope["headers"] if name == FORWARDED_FOR)
            address = find_client(peer[0] if peer else None, lines, self._trusted)
            if peer is None or address != peer[0]:
                scope = {**scope, "client": None if address is None else (address, 0)}
        return self._app(scope, receive, send)
