"""What comes over ASGI: who it is from, its body within bounds."""

import asyncio
from collections.abc import Mapping

from trevo.config.limits import Limits
from trevo.errors import refuse
from trevo.server.read_request import too_large
from trevo.serving.asgi import Receive, Scope, connection_of

_LENGTH_DIGITS_MAX = 18
"""A declared length with more is over any limit; Python would not even read one of some thousands."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


def client_address(scope: Scope) -> str | None:
    """Whom a request comes from; `trevo.serving.client_address` has seen to it that this is no proxy."""
    client = scope.get("client")
    return client[0] if client else None


async def receive_body(scope: Scope, receive: Receive, headers: Mapping[str, str], limits: Limits) -> bytes:
    """
    The whole body, read no further than the limit.

    Refuses with `REQUEST_TOO_LARGE` (413) and `REQUEST_TIMEOUT` (408); raises ClientGone.
    """
    declared = headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > _LENGTH_DIGITS_MAX or int(declared) > limits.body_bytes_max):
        raise too_large(limits)
    connection = connection_of(scope, receive)
    if connection is not None and (there := connection.take_body()) is not None:
        if len(there) > limits.body_bytes_max:
            raise too_large(limits)
        return there
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds_max):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                body += message.get("body", b"")
                if len(body) > limits.body_bytes_max:
                    raise too_large(limits)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        message_text = "The request's body did not arrive in time."
        raise refuse("REQUEST_TIMEOUT", message_text, status=408, is_transport=True) from None
