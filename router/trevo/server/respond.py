"""What goes over ASGI: one whole response, or the head of one that goes on."""

from collections.abc import Mapping
from typing import Any

import orjson

from trevo.door.content_codings import Coding
from trevo.observability.tracing import CORRELATION_HEADER, Trace
from trevo.serving.asgi import Connection, Header, Send, send_whole

CORRELATION = CORRELATION_HEADER.encode()
NOT_TO_BE_KEPT = ((b"cache-control", b"private, no-store"), (b"vary", b"accept, accept-encoding"))
NOT_MODIFIED = 304
"""Has no body, and says nothing of its length (RFC 9110, 8.6)."""


async def respond(
    send: Send, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
) -> None:
    """Send one whole response."""
    await respond_with(
        send,
        status,
        body,
        (b"content-type", content_type.encode("latin-1")),
        *((name.encode("latin-1"), header_value(value)) for name, value in (headers or {}).items()),
    )


async def respond_with(
    send: Send, status: int, body: bytes, *headers: Header, connection: Connection | None = None
) -> None:
    """The same, with *headers* as they are sent; at once, where *connection* can."""
    # A list, and one of its own: Starlette's middlewares write their headers into it.
    fields = [*headers, (b"content-length", b"%d" % len(body))] if status != NOT_MODIFIED else [*headers]
    await send_whole(send, status, fields, body, connection)


async def respond_json(send: Send, status: int, document: Any) -> None:
    await respond(send, status, orjson.dumps(document), "application/json; charset=utf-8")


def header_value(value: str) -> bytes:
    # Some values repeat what a client sent; nothing of it may begin a new header.
    if not value.isprintable():
        value = "".join(character for character in value if character.isprintable())
    return value.encode("latin-1", "replace")


async def begin_stream(send: Send, content_type: bytes, trace: Trace, coding: Coding | None = None) -> None:
    """Send the head of a response that goes on, in *coding*; whoever stands between is not to hold it back."""
    headers = [
        (b"content-type", content_type),
        *of_coding(coding),
        *NOT_TO_BE_KEPT,
        (b"x-accel-buffering", b"no"),
        (CORRELATION, trace.correlation_id.encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def of_coding(coding: Coding | None) -> tuple[Header, ...]:
    """What a response in *coding* says of it."""
    return () if coding is None else ((b"content-encoding", coding.name.encode()),)
