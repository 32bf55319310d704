"""
Execution that gives way.

graphql-core completes whatever is at hand in one go: a wide answer from memory keeps the event loop for seconds, in
which nobody else is answered and no deadline can end it, since a time-out is an event like any other. Here an object
that comes when its request has had the loop long enough waits for its turn, one after another, and between two turns
the loop does what else there is; the deadline, too.
"""

import asyncio
import time
import warnings
from collections import deque
from typing import Any

from graphql.pyutils import AwaitableOrValue
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

SECONDS_IN_ONE_GO = 0.02
"""What others may have to wait for one request. A usual answer takes a fraction of it and never waits."""

# Whose time runs out leaves what it had not begun yet, object by object; that is meant, and no line each in the log.
warnings.filterwarnings("ignore", r"coroutine '(Executor|GivingWay)\.", RuntimeWarning)


class GivingWay(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, a while at a time."""

    _ends: float | None = None
    """When it has had the loop long enough; None since the loop did something else."""
    _waiting: deque[asyncio.Future[None]] | None = None
    """Objects whose turn comes later, in the order of the answer."""

    def complete_object_value(self, *place: Any) -> AwaitableOrValue[dict[str, Any]]:
        if self._has_time():
            return super().complete_object_value(*place)
        return self._complete_later(*place)

    def _has_time(self) -> bool:
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + SECONDS_IN_ONE_GO
            try:
                asyncio.get_running_loop().call_soon(self._gave_way)
            except RuntimeError:
                self._ends = float("inf")  # without a loop there is nobody to give way to
        return now < self._ends

    def _gave_way(self) -> None:
        self._ends = None

    async def _complete_later(self, *place: Any) -> dict[str, Any]:
        await self._turn()
        try:
            completed = super().complete_object_value(*place)
        finally:
            self._end_turn()
        return completed if isinstance(completed, dict) else await completed

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if self._waiting is None:
            self._waiting = deque()
            loop.call_soon(self._end_turn)
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _end_turn(self) -> None:
        """The next one's turn, which is a turn of the loop as well."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting = None
