"""
Whose CPU time it is: every moment of the event loop's thread belongs to exactly one layer.

The layer of a request is kept in a context variable, so it follows the request by itself into each task and callback
that is begun on its way. asyncio runs every step of every task, and every callback, as a `Handle` with that context;
the meter stands around the handle and charges what passes to the layer that the context names, and a layer that is
entered or left within a step takes over there and then. What passes between two handles (waiting for sockets, finding
the next handle) is the event loop's own. So nothing is counted twice and nothing is left out: the layers add up.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ROUTER = "router"
"""Everything from the request to its answer that is not below; the copies on the way to a subgraph are the router's."""
GRAPHQL = "GraphQL"
"""A subgraph from the fetch to its answer, without its sessions: Strawberry, graphql-core, resolvers, loaders."""
SQL = "SQL"
"""From opening a session to closing it: SQLAlchemy, the driver, the socket, rows becoming objects."""
LOOP = "loop"
"""The event loop between two steps."""

_layer: ContextVar[str] = ContextVar("layer", default=LOOP)


class LayerMeter:
    """CPU time by layer, of the thread that is measured."""

    def __init__(self, clock: Callable[[], int] = time.thread_time_ns) -> None:
        self.nanoseconds: Counter[str] = Counter()
        self._clock = clock
        self._charged = LOOP
        self._since = 0

    def _charge(self, layer: str) -> None:
        """Give the time since the last call to the layer that had the thread, and the thread to *layer*."""
        now = self._clock()
        self.nanoseconds[self._charged] += now - self._since
        self._charged, self._since = layer, now

    @contextmanager
    def layer(self, name: str) -> Iterator[None]:
        """What happens within belongs to *name*, whichever tasks it is done by."""
        token = _layer.set(name)
        self._charge(name)
        try:
            yield
        finally:
            _layer.reset(token)
            self._charge(_layer.get())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure, for a while: handles are watched, and counting starts from nothing."""
        run = asyncio.Handle._run  # noqa: SLF001  # asyncio offers no hook around a step

        def run_charged(handle: asyncio.Handle) -> None:
            self._charge(handle._context.get(_layer, LOOP))  # type: ignore[attr-defined]  # noqa: SLF001
            try:
                run(handle)
            finally:
                self._charge(LOOP)

        asyncio.Handle._run = run_charged  # type: ignore[method-assign,assignment]  # noqa: SLF001
        self.nanoseconds.clear()
        self._charged, self._since = _layer.get(), self._clock()
        try:
            yield
        finally:
            asyncio.Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001
            self._charge(LOOP)
