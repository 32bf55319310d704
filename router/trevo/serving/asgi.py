"""The types of ASGI, as far as they are looked into here; and what our server tells beyond it."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]
Beside = Callable[[tuple[bytes, ...]], tuple[Header, ...]]
"""By the names of the headers that an application gave an answer: those that it has beside them."""

CONNECTION = "trevo.connection"
"""Among a request's extensions: its `Connection`, where our server is the one that serves."""


def path_of(scope: Scope) -> str:
    """What a request is for, below where the application is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


class Connection(Protocol):
    """What an application may know of a request's connection without waiting for it."""

    def take_body(self) -> bytes | None:
        """The whole body, if it is there; otherwise it has to be received."""
        ...

    def when_gone(self, tell: Callable[[], None] | None) -> None:
        """Call *tell* when the client has gone before its answer, or at once if it has; None: nobody any more."""
        ...

    def add_headers(self, beside: Beside) -> None:
        """Give the answer what *beside* says; of several the last one says it."""
        ...

    def answer(self, status: int, headers: Sequence[Header], body: bytes) -> bool:
        """
        Send all of it at once, if nothing has to be waited for; False: nothing is sent, and it has to go by `send`.

        Raises RuntimeError for what cannot be sent.
        """
        ...


def connection_of(scope: Scope, call: Receive | Send) -> Connection | None:
    """
    The connection, if *call* is its own.

    None where another server serves, and where a middleware stands in the way of *call*: then everything goes by
    messages, for it may look at them and change them.
    """
    extensions = scope.get("extensions")
    connection: Connection | None = extensions.get(CONNECTION) if extensions else None
    return connection if getattr(call, "__self__", None) is connection else None


async def send_whole(
    send: Send, status: int, headers: list[Header], body: bytes, connection: Connection | None = None
) -> None:
    """Send one whole answer; at once, where *connection* can."""
    if connection is None or not connection.answer(status, headers, body):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
