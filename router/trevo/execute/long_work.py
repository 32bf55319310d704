"""
Work on large answers, beside the loop.

Merging answers and writing the response are plain Python: over many megabytes they take seconds, in which the loop
would answer nobody, and no deadline could end them. So where an answer is large they run in a thread, which leaves the
loop its turns, and look at the clock wherever they go through a long list. A usual answer is done at once.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import TypeVar

from trevo.clients.subgraph_client import Deadline

T = TypeVar("T")

LARGE_BYTES = 256 * 1024
"""Of subgraphs' answers. Less is merged and written within some ten milliseconds."""
LOOK_EVERY_ITEMS = 64

_WORKERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="router-large")


class TimeIsOver(Exception):
    """The deadline came before the work was done."""


class _Watch:
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self.is_left = False
        """Whether nobody waits for the work any more."""

    def over(self, items: list[T]) -> Iterator[T]:
        for start in range(0, len(items), LOOK_EVERY_ITEMS):
            if self.is_left or self._deadline.seconds_left() <= 0:
                raise TimeIsOver
            yield from items[start : start + LOOK_EVERY_ITEMS]


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


async def do_beside(size: int, deadline: Deadline, work: Callable[[], T]) -> T:
    """
    What *work* gives, which concerns answers of *size* bytes.

    Raises TimeIsOver where the deadline comes first.
    """
    if size < LARGE_BYTES:
        return work()
    watch, context = _Watch(deadline), copy_context()
    context.run(_watch.set, watch)
    try:
        return await asyncio.get_running_loop().run_in_executor(_WORKERS, context.run, work)
    finally:
        watch.is_left = True


def watched(items: list[T]) -> Iterable[T]:
    """*items*; long work that goes through them ends in time."""
    if len(items) < LOOK_EVERY_ITEMS:
        return items
    watch = _watch.get()
    return items if watch is None else watch.over(items)
