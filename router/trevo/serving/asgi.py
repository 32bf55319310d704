"""The types of ASGI, as far as they are looked into here; and what our server tells beyond it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

CONNECTION = "trevo.connection"
"""Among a request's extensions: its `Connection`, where our server is the one that serves."""


class Connection(Protocol):
    """What an application may know of a request's connection without waiting for it."""

    def take_body(self) -> bytes | None:
        """The whole body, if it is there; otherwise it has to be received."""
        ...

    def when_gone(self, tell: Callable[[], None] | None) -> None:
        """Call *tell* when the client has gone before its answer, or at once if it has; None: nobody any more."""
        ...


def connection_of(scope: Scope) -> Connection | None:
    """None where another server serves, which has to be asked by `receive`."""
    extensions = scope.get("extensions")
    return extensions.get(CONNECTION) if extensions else None
