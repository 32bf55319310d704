"""
Who waits for an answer, and what becomes of it when they go.

What was asked for nobody is given up, with its fetches; except a mutation, which runs to its end, because half of its
root fields may have taken effect already.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from trevo.gateway.request import GraphQLRequest, may_have_changed_something
from trevo.observability.metrics import Metrics
from trevo.server.event_response import EventResponse
from trevo.server.multipart import Multipart
from trevo.serving.asgi import Connection, Receive, Scope, connection_of

T = TypeVar("T")


class WaitingClient:
    """
    The client of *requests* that came as one, whose answer is given by the task that makes this.

    *stream* and *parts* are where events and parts go.
    """

    def __init__(
        self,
        metrics: Metrics,
        requests: Sequence[GraphQLRequest],
        stream: EventResponse | None = None,
        parts: Multipart | None = None,
    ) -> None:
        self._metrics = metrics
        self._requests = requests
        self._stream = stream
        self._parts = parts
        self._is_gone = False
        self._has_cancelled = False
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # it is awaited by one
        self._answering = task

    def watched(self, scope: Scope, receive: Receive) -> "_Watched":
        """A block, while which is looked for its leaving; without a task where the server tells of it."""
        return _Watched(self._leave, connection_of(scope, receive), receive)

    async def unless_gone(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What *work* gives; None where the client has gone before."""
        try:
            given = await work
        except asyncio.CancelledError:
            if not self._has_cancelled or self._answering.uncancel():
                raise  # somebody else wants this task to end, too
            return None
        return None if self._is_gone else given

    def _leave(self) -> None:
        self._is_gone = True
        if self._parts is not None:
            self._parts.is_left = True
        if self._stream is None or not self._stream.is_open:
            self._metrics.cancelled.inc()
            # What is wanted later changes nothing: a mutation has run to its end when its first part is there.
            has_changed_all = self._parts is not None and self._parts.is_open
            if may_have_changed_something(*self._requests) and not has_changed_all:
                if self._stream is not None:
                    self._stream.when_open = self._give_up  # a subscription after all, which nobody listens to
                return
        self._give_up()

    def _give_up(self) -> None:
        self._has_cancelled = True
        self._answering.cancel()


class _Watched:
    """A block in which *leave* is called as soon as the client has gone."""

    __slots__ = ("_connection", "_is_over", "_leave", "_receive", "_watching")

    def __init__(self, leave: Callable[[], None], connection: Connection | None, receive: Receive) -> None:
        self._leave = leave
        self._connection = connection
        self._receive = receive
        self._watching: asyncio.Task[None] | None = None
        self._is_over = False

    def __enter__(self) -> None:
        if self._connection is not None:
            self._connection.when_gone(self._leave)
            return
        self._watching = asyncio.create_task(_until_disconnect(self._receive))
        self._watching.add_done_callback(self._tell)

    def __exit__(self, *_error: object) -> None:
        self._is_over = True
        if self._connection is not None:
            self._connection.when_gone(None)
        elif self._watching is not None:
            self._watching.cancel()

    def _tell(self, watching: "asyncio.Task[None]") -> None:
        # It is called a turn of the loop later; the block may have ended meanwhile.
        if not self._is_over and not watching.cancelled():
            self._leave()


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
