"""
GraphQL over server-sent events, in its distinct connections mode: a response that goes on.

    event: next
    id: 01890a5d-ac96-774b-bcce-b302099a8057
    data: {"data": {"notificationReceived": {"title": "…"}}}

    event: complete
    data:

A `next` event for each response, `complete` when no more will come. An event has the id that its subgraph has given it;
who comes back with it as `last-event-id`, as browsers do by themselves, goes on from there. Comments between them are
signs of life. Why the stream ends comes as a last `next` with an error.
"""

from trevo.door.media_types import EVENT_STREAM
from trevo.server.event_response import EventResponse


class ServerSentEvents(EventResponse):
    """Events as `text/event-stream`."""

    CONTENT_TYPE = EVENT_STREAM.encode() + b"; charset=utf-8"
    OPENING = KEEP_ALIVE = b":\n\n"

    def event(self, response: bytes, event_id: str | None = None) -> bytes:
        name = b"" if event_id is None else b"id: " + event_id.encode() + b"\n"
        # JSON has no line breaks but those in strings, which are escaped.
        return b"event: next\n" + name + b"data: " + response + b"\n\n"

    def ending(self, error: bytes | None) -> bytes:
        last = b"" if error is None else self.event(b'{"errors":[' + error + b"]}")
        return last + b"event: complete\ndata:\n\n"
