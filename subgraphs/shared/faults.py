"""
Faults of a subgraph's own routes (a token endpoint, webhooks, uploads): masked, as GraphQL masks those of resolvers.

The caller gets one sentence and a trace id, the log the full text under that id. What cannot be reached at the moment
is 503, which tells a gateway to send its webhook again; anything else is a bug of ours, 500.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
import structlog

from subgraphs.shared.correlation import CORRELATION_HEADER, accept_correlation, correlation_id
from subgraphs.shared.graphql.masking import is_unavailable

log = structlog.get_logger()

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class MaskFaults:
    """ASGI middleware: an exception that no route has answered becomes a masked answer."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        offered = {name.lower(): value for name, value in scope["headers"]}.get(CORRELATION_HEADER.encode())
        correlation_id.set(accept_correlation(offered.decode("latin-1") if offered else None))
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            if has_begun:
                raise
            unavailable = is_unavailable(error)
            log.exception("route failed", path=scope["path"], unavailable=unavailable)
            await _answer(send, scope["path"], unavailable=unavailable)


async def _answer(send: Send, path: str, *, unavailable: bool) -> None:
    body = orjson.dumps(_body(path, unavailable=unavailable))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 503 if unavailable else 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _body(path: str, *, unavailable: bool) -> dict[str, str | None]:
    english = "This part is not available at the moment; try again." if unavailable else "Something went wrong here."
    trace_id = correlation_id.get()
    if path.startswith("/oauth/"):
        # RFC 6749 has these words for the authorization endpoint (section 4.1.2.1); the token endpoint has none.
        error = "temporarily_unavailable" if unavailable else "server_error"
        return {"error": error, "error_description": english, "trace_id": trace_id}
    return {
        "code": "SERVICE_UNAVAILABLE" if unavailable else "INTERNAL_SERVER_ERROR",
        "message": "Esta parte não está disponível agora; tente de novo." if unavailable else "Algo deu errado aqui.",
        "messageEnglish": english,
        "traceId": trace_id,
    }
