"""
Faults of a subgraph's own routes (a token endpoint, webhooks, uploads): masked, as GraphQL masks those of resolvers.

The caller gets one sentence and a trace id, the log the full text under that id. What cannot be reached at the moment
is 503, which tells a gateway to send its webhook again; a value that no database can hold is 400; anything else is a
bug of ours, 500.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from subgraphs.shared import turns
from subgraphs.shared.availability import is_bad_value, is_unavailable
from subgraphs.shared.correlation import CORRELATION_HEADER, accept_correlation, correlation_id

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
            with turns.request():
                await self._app(scope, receive, send_and_note)
        except Exception as error:
            if has_begun:
                raise
            await answer_fault(send, scope["path"], error)


@dataclass(frozen=True, slots=True)
class _Fault:
    status: int
    code: str
    oauth: str
    """RFC 6749 has words for faults at the authorization endpoint (section 4.1.2.1); the token endpoint has none."""
    portuguese: str
    english: str


_UNAVAILABLE = _Fault(
    503,
    "SERVICE_UNAVAILABLE",
    "temporarily_unavailable",
    "Esta parte não está disponível agora; tente de novo.",
    "This part is not available at the moment; try again.",
)
_BAD_VALUE = _Fault(
    400,
    "BAD_USER_INPUT",
    "invalid_request",
    "Um valor está fora dos limites ou tem caracteres que não podem ser guardados.",
    "A value is out of range, or has characters that cannot be stored.",
)
_BUG = _Fault(500, "INTERNAL_SERVER_ERROR", "server_error", "Algo deu errado aqui.", "Something went wrong here.")


def _fault_of(error: Exception) -> _Fault:
    if is_unavailable(error):
        return _UNAVAILABLE
    return _BAD_VALUE if is_bad_value(error) else _BUG


async def answer_fault(send: Send, path: str, error: Exception) -> None:
    """Answer a request for *path* that *error* has befallen, and log what it was."""
    fault = _fault_of(error)
    log.error("route failed", path=path, status=fault.status, exc_info=error)
    body = orjson.dumps(_body(path, fault))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _body(path: str, fault: _Fault) -> dict[str, str | None]:
    trace_id = correlation_id.get()
    if path.startswith("/oauth/"):
        return {"error": fault.oauth, "error_description": fault.english, "trace_id": trace_id}
    return {
        "code": fault.code,
        "message": fault.portuguese,
        "messageEnglish": fault.english,
        "traceId": trace_id,
    }
