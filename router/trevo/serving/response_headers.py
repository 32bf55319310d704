"""
Headers that every answer has, whoever gives it.

They say to browsers: this is what its content type says and nothing else, run nothing that is in it, show it inside no
other page, tell nobody where you come from, and keep no copy. An answer that needs something else (a page with scripts,
a file that may be kept) says so itself, and its word counts.
"""

from collections.abc import Awaitable
from functools import lru_cache

from trevo.serving.asgi import ASGIApp, Message, Receive, Scope, Send, connection_of

ON_EVERY_ANSWER = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


class ResponseHeaders:
    """ASGI middleware: adds those of `ON_EVERY_ANSWER` that an answer does not have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        connection = connection_of(scope, send)
        if connection is not None:
            connection.add_headers(_missing_beside)
        elif scope["type"] in ("http", "websocket"):
            send = _adding(send)
        return self._app(scope, receive, send)


def _adding(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            given = message.get("headers", ())
            message = {**message, "headers": [*given, *_missing_beside(tuple([name for name, _ in given]))]}
        await send(message)

    return send_with_headers


@lru_cache(maxsize=500)
def _missing_beside(names: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
    given = {name.lower() for name in names}
    return tuple((name, value) for name, value in ON_EVERY_ANSWER if name not in given)
