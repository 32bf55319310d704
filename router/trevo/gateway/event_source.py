"""What a subscription listens to: the events of one subgraph, which it may exchange for those of another."""

import asyncio
from collections.abc import AsyncGenerator

from trevo.clients.subgraph_client import SubgraphResponse

Events = AsyncGenerator[SubgraphResponse, None]


class EventSource:
    """
    The events of one stream after another.

    An event is waited for in a task of its own: so something else can be waited for beside it, and whoever waits may
    turn away without breaking the stream off.
    """

    def __init__(self) -> None:
        self._events: Events | None = None
        self._next: asyncio.Task[SubgraphResponse | None] | None = None
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Let `wait` return although nothing has come."""
        self._news.set()

    async def exchange(self, events: Events) -> None:
        """Listen to *events*, and no more to others."""
        await self.close()
        self._events = events

    async def wait(self) -> None:
        """Until something `has_come`, or somebody wakes it."""
        self._expect()
        await self._news.wait()
        self._news.clear()

    async def look(self) -> bool:
        """Whether something `has_come` without waiting for it, as together with what came before."""
        self._expect()
        await asyncio.sleep(0)
        return self.has_come

    @property
    def has_come(self) -> bool:
        """Whether there is an event to take, or the end."""
        return self._next is not None and self._next.done()

    def take(self) -> SubgraphResponse | None:
        """What has come; None at the end of the stream. Raises SubgraphFailed."""
        assert self._next is not None  # noqa: S101  # it has come
        come, self._next = self._next, None
        return come.result()

    def _expect(self) -> None:
        if self._next is None:
            assert self._events is not None  # noqa: S101  # who waits has said for what
            self._next = asyncio.create_task(_next_of(self._events))
            self._next.add_done_callback(lambda _: self._news.set())

    async def close(self) -> None:
        """Listen to nothing."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait({self._next})
            if not self._next.cancelled():
                self._next.exception()  # nobody wants it any more
            self._next = None
        if self._events is not None:
            events, self._events = self._events, None
            await events.aclose()


async def _next_of(events: Events) -> SubgraphResponse | None:
    return await anext(events, None)
