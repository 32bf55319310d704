"""
A response that goes on: events as they come, whatever their form on the wire (`sse.py`, `multipart_events.py`).

What both have in common: signs of life while there is nothing to say, so that proxies do not take the silence for
death; one write at a time, which returns when there is room for another; and that whatever goes wrong while it is open
comes as its last event, because there is no other way left to tell it: the status has been sent.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from trevo.door.content_codings import Coding, Packer
from trevo.gateway.admission import Admitted, End
from trevo.gateway.result import Result, encode_event, encode_json
from trevo.observability.tracing import Trace
from trevo.server.respond import begin_stream
from trevo.serving.asgi import Send


class EventResponse(ABC):
    """The response to one request, once it turns out to be a stream."""

    CONTENT_TYPE: ClassVar[bytes]
    OPENING: ClassVar[bytes]
    """Its first bytes."""
    KEEP_ALIVE: ClassVar[bytes]
    """What clients pass over."""

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

    @abstractmethod
    def event(self, response: bytes, event_id: str | None = None) -> bytes:
        """The bytes of one response; with what it is called, where there is a place for that."""

    @abstractmethod
    def ending(self, error: bytes | None) -> bytes:
        """The last bytes; *error* as JSON is why no more will come, where that is not simply that all has come."""

    async def open(self) -> None:
        """Begin the response; its first bytes go at once, so that whoever stands between passes them on."""
        self.is_open = True
        self._packer = None if self._coding is None else self._coding.begin()
        if self.when_open is not None:
            self.when_open()
        if self.place is not None:
            self.place.leave()
        await begin_stream(self._send, self.CONTENT_TYPE, self.trace, self._coding)
        await self._write(self.OPENING)
        self._keeping_alive = asyncio.create_task(self._keep_alive())

    async def send_event(self, body: dict[str, Any], event_id: str | None = None) -> None:
        """One response."""
        await self._write(self.event(encode_event(body, self.trace), event_id))

    async def send_result(self, result: Result) -> None:
        """The one response of an operation that is no subscription, as a stream."""
        await self.open()
        await self.send_event(result.body)
        await self.end(None)

    async def end(self, end: End | None) -> None:
        """Complete the response, with the error of *end* if there is one."""
        await self.stop()
        error = None if end is None or end.error is None else encode_json(end.error.as_json())
        last = self.ending(error)
        if self._packer is not None:
            last = self._packer.add(last) + self._packer.end()
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
                await self._write(self.KEEP_ALIVE)
