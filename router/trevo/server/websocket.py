"""
The door for web sockets: who may open one, how many at once, and how each is closed.

A browser sends no preflight before it opens a web socket, so the origin is looked at here: pages of this host and of
the origins in the CORS setting, and whoever is no browser (RFC 6455, 10.2). What is spoken on it is `graphql_ws.py`.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from trevo.door.cross_origin import is_allowed
from trevo.errors import RequestRefused
from trevo.gateway.admission import Admitted, End
from trevo.gateway.engine import Engine
from trevo.gateway.request import subscriber
from trevo.gateway.service import Service
from trevo.gateway.subscription import (
    FAREWELL_SECONDS_MAX,
    MADE_WAY,
    SAYS_NOTHING,
    STOPPING,
    TOKEN_EXPIRED,
    TokenRefused,
)
from trevo.server.graphql_ws import PROTOCOL, Closed, SocketSession
from trevo.server.receive import ClientGone, client_address
from trevo.serving.asgi import Receive, Scope, Send
from trevo.serving.request_headers import read_headers

REASON_BYTES_MAX = 120
"""Of a close frame's reason; the protocol leaves room for 123."""

CLOSES = {STOPPING: 1012, TOKEN_EXPIRED: 4403, SAYS_NOTHING: 4408, MADE_WAY: 1013}
"""Ends of the whole connection, by what clients know to do: come back, or come back with another token."""


class WebSocketEndpoint:
    """An ASGI app for web sockets; each operation runs with whatever engine is current when it arrives."""

    def __init__(self, current_engine: Callable[[], Engine], service: Service) -> None:
        self._current_engine = current_engine
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        headers = read_headers(scope)
        if not self._may_open(headers):
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: answered 403
            return
        # Accepted whatever comes next, because before that there is no way to say what is wrong.
        protocol = PROTOCOL if PROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": protocol})
        try:
            if protocol is None:
                raise Closed(4406, f"Subprotocol not acceptable; speak {PROTOCOL}")
            with self._service.arriving_sockets.admit(subscriber(client_address(scope))) as admitted:
                connection = SocketSession(scope, headers, receive, send, self._current_engine, self._service, admitted)
                await self._talk(connection, admitted)
        except ClientGone:
            return
        except RequestRefused as refusal:
            await _close(send, 1013, str(refusal))
        except Closed as closed:
            await _close(send, closed.code, str(closed))

    async def _talk(self, connection: SocketSession, admitted: Admitted) -> None:
        try:
            end = await admitted.until_ended(connection.talk())
        finally:
            await connection.abandon()
        if isinstance(end, End) and end.error is not None:
            default = CLOSES[TOKEN_EXPIRED] if isinstance(end, TokenRefused) else 1008
            raise Closed(CLOSES.get(end, default), end.error.message)

    def _may_open(self, headers: dict[str, str]) -> bool:
        origin = headers.get("origin")
        if origin is None or is_allowed(origin, self._service.settings.cors_origins):
            return True
        return urlsplit(origin).netloc == headers.get("host")


async def _close(send: Send, code: int, reason: str) -> None:
    text = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
    try:
        # A client that takes nothing will not take this either.
        async with asyncio.timeout(FAREWELL_SECONDS_MAX):
            await send({"type": "websocket.close", "code": code, "reason": text})
    except (TimeoutError, OSError):
        return
