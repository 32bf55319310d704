"""
GraphQL over server-sent events, in its distinct connections mode: what routers of the federation ask subscriptions by.

One POST, and a response that goes on: `next` for each event, with its `id` where it has one, `complete` when no more
will come, and a comment now and then while there is nothing to say.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trevo.door import exact_json
from trevo.door.media_types import EVENT_STREAM

KEEP_ALIVE_SECONDS = 12.0
SEND_SECONDS_MAX = 60.0
"""For the other side to take an event. A router takes the next one when its own client has taken this one."""

LAST_EVENT_ID_HEADER = "last-event-id"


class Event(NamedTuple):
    """One answer to a subscription."""

    body: dict[str, Any]
    id: str | None = None
    """What whoever comes back names, by the header `last-event-id`, to be told what came since."""


class EventStreamResponse(Response):
    """Sends *events* until they end or the client goes, and closes them then."""

    media_type = EVENT_STREAM

    def __init__(self, events: AsyncGenerator[Event, None]) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # Starlette's protocol
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        # The sign of life comes first: a stream may be complete at once, and nothing may be sent after that.
        tasks = [asyncio.create_task(work) for work in (_keep_alive(send), self._pass_on(send), _until_gone(receive))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, (OSError, TimeoutError)):
                raise result

    async def _pass_on(self, send: Send) -> None:
        async with aclosing(self._events) as events:
            async for event in events:
                id_ = b"" if event.id is None else b"id: %b\n" % event.id.encode()
                # JSON has no line breaks but those in strings, which are escaped.
                await _write(send, b"event: next\n" + id_ + b"data: " + exact_json.dumps(event.body) + b"\n\n")
        await _write(send, b"event: complete\ndata:\n\n", is_last=True)


async def _keep_alive(send: Send) -> None:
    while True:
        await _write(send, b":\n\n")
        await asyncio.sleep(KEEP_ALIVE_SECONDS)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _write(send: Send, text: bytes, *, is_last: bool = False) -> None:
    async with asyncio.timeout(SEND_SECONDS_MAX):
        await send({"type": "http.response.body", "body": text, "more_body": not is_last})
