"""
GraphQL over server-sent events, in its distinct connections mode: a response that goes on.

    event: next
    data: {"data": {"notificationReceived": {"title": "…"}}}

    event: complete
    data:

A `next` event for each response, `complete` when no more will come. Comments between them are signs of life. Why the
stream ends comes as a last `next` with an error.
"""

from trevo.door.media_types import EVENT_STREAM
from trevo.server.event_response import EventResponse


class ServerSentEvents(EventResponse):
    """Events as `text/event-stream`."""

    CONTENT_TYPE = EVENT_STREAM.encode() + b"; charset=utf-8"
    OPENING = KEEP_ALIVE = b":\n\n"

    def event(self, response: bytes) -> bytes:
        # JSON has no line breaks but those in strings, which are escaped.
        return b"event: next\ndata: " + response + b"\n\n"

    def ending(self, error: bytes | None) -> bytes:
        last = b"" if error is None else self.event(b'{"errors":[' + error + b"]}")
        return last + b"event: complete\ndata:\n\n"
