"""
GraphQL over server-sent events, in its distinct connections mode: a response that goes on.

    event: next
    data: {"data": {"notificationReceived": {"title": "…"}}}

    event: complete
    data:

A `next` event for each response, `complete` when no more will come. Comments between them keep proxies from taking
the silence for death. What goes wrong while it is open comes as a last `next` with an error, because there is no
other way left to tell it: the status has been sent.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from trevo.door.content_codings import Coding, Packer
from trevo.door.media_types import EVENT_STREAM
from trevo.gateway.admission import Admitted, End
from trevo.gateway.result import Result, encode_event
from trevo.observability.tracing import Trace
from trevo.server.respond import begin_stream
from trevo.serving.asgi import Send

KEEP_ALIVE = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class ServerSentEvents:
    """The response to one request, once it turns out to be a stream."""

    def __init__(self, send: Send, trace: Trace, keep_alive_seconds: float, coding: Coding | None = None) -> None:
        """*coding*: in which it goes."""
        self.is_open = False
        self.place: Admitted | None = None
        """Among the requests in flight; given up when the stream opens, since subscriptions are counted apart."""
        self.when_open: Callable[[], None] | None = None
        """Called as soon as it opens, where its client has left before."""
        self._send = send
        self.trace = trace
        self._keep_alive_seconds = keep_alive_seconds
        self._coding = coding
        self._packer: Packer | None = None
        self._has_sent = asyncio.Event()
        self._keeping_alive: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin the response. Its first bytes are a comment, so that whoever stands between passes it on at once."""
        self.is_open = True
        self._packer = None if self._coding is None else self._coding.begin()
        if self.when_open is not None:
            self.when_open()
        if self.place is not None:
            self.place.leave()
        await begin_stream(self._send, EVENT_STREAM.encode() + b"; charset=utf-8", self.trace, self._coding)
        await self._write(KEEP_ALIVE)
        self._keeping_alive = asyncio.create_task(self._keep_alive())

    async def send_event(self, body: dict[str, Any]) -> None:
        """One response."""
        # JSON has no line breaks but those in strings, which are escaped.
        await self._write(b"event: next\ndata: " + encode_event(body, self.trace) + b"\n\n")

    async def send_result(self, result: Result) -> None:
        """The one response of an operation that is no subscription, as a stream."""
        await self.open()
        await self.send_event(result.body)
        await self.end(None)

    async def end(self, end: End | None) -> None:
        """Complete the response, with the error of *end* as its last event if there is one."""
        await self.stop()
        if end is not None and end.error is not None:
            await self.send_event({"errors": [end.error.as_json()]})
        last = COMPLETE if self._packer is None else self._packer.add(COMPLETE) + self._packer.end()
        await self._send({"type": "http.response.body", "body": last})

    async def stop(self) -> None:
        """Send nothing more by itself."""
        if self._keeping_alive is not None:
            self._keeping_alive.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await self._keeping_alive

    async def _write(self, text: bytes) -> None:
        self._has_sent.set()
        piece = text if self._packer is None else self._packer.add(text)
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _keep_alive(self) -> None:
        while True:
            self._has_sent.clear()
            try:
                async with asyncio.timeout(self._keep_alive_seconds):
                    await self._has_sent.wait()
            except TimeoutError:
                await self._write(KEEP_ALIVE)
