"""
Subscriptions as `multipart/mixed; subscriptionSpec=1.0`, the protocol of Apollo's clients for web, Android and iOS.

    --graphql                                           CRLF ends each line
    content-type: application/json

    {"payload":{"data":{"notificationReceived":{"title":"…"}}}}
    --graphql
    content-type: application/json

    {"payload":null,"errors":[{"message":"…","extensions":{"code":"TOKEN_EXPIRED"}}]}
    --graphql--

A part for each response, under `payload`; the errors of an event are in there. A part `{}` is a sign of life. Why the
stream ends, where that is not simply that all has come, stands beside a `payload` of null. The line that ends a part
goes out together with it: a client can read it then, and not when the next one comes.
"""

from trevo.door.media_types import JSON
from trevo.server.event_response import EventResponse
from trevo.server.media_types import MULTIPART, SUBSCRIPTION_SPEC

_DELIMITER = b"\r\n--graphql"
# Without a charset: JSON has none, and this is what clients have been tried with.
_HEAD = b"\r\ncontent-type: " + JSON.encode() + b"\r\n\r\n"


def _part(body: bytes) -> bytes:
    return _HEAD + body + _DELIMITER


class MultipartEvents(EventResponse):
    """Events as the parts of one response."""

    CONTENT_TYPE = f'{MULTIPART};boundary="graphql";{SUBSCRIPTION_SPEC}'.encode()
    KEEP_ALIVE = _part(b"{}")
    OPENING = _DELIMITER.lstrip() + KEEP_ALIVE

    def event(self, response: bytes, event_id: str | None = None) -> bytes:  # noqa: ARG002 - there is no place for it
        return _part(b'{"payload":' + response + b"}")

    def ending(self, error: bytes | None) -> bytes:
        last = b"" if error is None else _part(b'{"payload":null,"errors":[' + error + b"]}")
        return last + b"--\r\n"
