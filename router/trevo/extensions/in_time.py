"""
Waiting for a hook, for so long and no longer.

Most `async` hooks have nothing to wait for most of the time: a rate is counted in memory, a key is known. To set a
timer costs more than such a hook; so it is begun at once, and timed only where it has to wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any


async def in_time(said: Awaitable[Any], seconds_max: Callable[[], float]) -> Any:
    """What *said* gives. Raises TimeoutError where it waits for longer than *seconds_max* says."""
    if isinstance(said, Coroutine):
        try:
            said = _Begun(said, said.send(None))
        except StopIteration as done:
            return done.value
    async with asyncio.timeout(seconds_max()):
        return await said


class _Begun:
    """A *coroutine* that *waits_for* something already."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        try:
            while True:
                try:
                    sent = yield self._waits_for
                except BaseException as error:  # noqa: BLE001  # to be cancelled, too, is the coroutine's matter
                    self._waits_for = self._coroutine.throw(error)
                else:
                    self._waits_for = self._coroutine.send(sent)
        except StopIteration as done:
            return done.value
