"""
The connections to one address: kept, bounded in number, given to whose client has waited longest.

There are *connections_max* places. A place is empty, or holds a connection that is asked, made, or kept. Who finds
neither a kept connection nor an empty place waits in line; whatever becomes free goes to whose client's request came
first. So with many requests at once those that have begun are brought to their end, and the others wait with nothing
read yet, in place of all being half done with their answers in memory.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from heapq import heappop, heappush

from trevo.clients.carrier import KEPT_SECONDS, HttpAnswer
from trevo.clients.plain_http.address import Address
from trevo.clients.plain_http.connect import Connector
from trevo.clients.plain_http.connection import ClosedUnanswered, SubgraphConnection
from trevo.clients.plain_http.request import RequestWriter
from trevo.clients.subgraph_client import Deadline
from trevo.config.limits import Limits


class PlainHttp:
    """
    Carries requests to *address*.

    *When a request is sent again.* The other side may close a kept connection in the moment it is used. Then, and only
    if the connection had answered before and no byte of this answer had come, a request that may be repeated is sent
    once more, on a new connection. One that may not be repeated is never sent twice.

    *A kept connection is looked at before it is used.* One that has ended, or on which something has come that nobody
    asked for, is passed over while nothing has been sent on it; the loop may not have told of that yet.

    *There is one timer for all that are asked.* It stands at the time of whoever can wait least. Most are answered long
    before, and those who come after them can mostly wait longer: so nearly none has to set it.

    *It serves one loop at a time.* What it keeps and sets belongs to the loop in which that was made. Asked in another,
    it leaves all of it behind.
    """

    def __init__(self, address: Address, limits: Limits) -> None:
        self._address = address
        self._limits = limits
        self._writer = RequestWriter(address)
        self._loop: asyncio.AbstractEventLoop | None = None
        """In which it was asked last."""
        self._connector: Connector
        self._places_left = limits.subgraph_connections_max
        self._kept: deque[SubgraphConnection] = deque()
        """The one used last at the end: it is used first, so that what is not needed grows old."""
        self._asked: dict[SubgraphConnection, float] = {}
        """Each with the loop's time until which its answer is waited for."""
        self._alarm: asyncio.TimerHandle | None = None
        """Not later than the earliest of these."""
        self._line: list[tuple[float, int, asyncio.Future[SubgraphConnection | None]]] = []
        """A heap: by when the clients' requests came, then in the order of asking."""
        self._waited_so_far = 0
        self._clearing: asyncio.TimerHandle | None = None

    async def post(
        self, body: bytes, headers: Mapping[str, str], *, deadline: Deadline, may_repeat: bool, is_again: bool = False
    ) -> HttpAnswer:
        """As `Carrier.post`."""
        request = self._writer.write(headers, body)
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin_in(loop)
        until = loop.time() + deadline.seconds_left()
        connection = None if is_again else self._take_kept()
        if connection is None:
            async with asyncio.timeout_at(until):
                connection = await (self._take_new(deadline, elsewhere=True) if is_again else self._take(deadline))
        try:
            return await self._ask(connection, request, until)
        except ClosedUnanswered:
            if not (may_repeat and connection.has_answered):
                raise
        async with asyncio.timeout_at(until):
            connection = await self._take_new(deadline)
        return await self._ask(connection, request, until)

    async def close(self) -> None:
        """Give back all connections; what is asked or waits fails."""
        self._stop_timers()
        for *_, waiting in self._line:
            if not waiting.done():
                waiting.set_exception(ConnectionError("the client was closed"))
        self._line.clear()
        for connection in (*self._kept, *self._asked):
            connection.abort()
        await asyncio.sleep(0)  # the loop closes them in its next turn

    def _begin_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leave behind what belongs to another: where that has ended, its timers never ring, and nothing is heard."""
        self._loop = loop
        self._connector = Connector(self._address.host, self._address.port, self._limits.subgraph_connect_seconds_max)
        self._stop_timers()
        self._places_left += len(self._kept)
        for kept in self._kept:
            with suppress(RuntimeError):  # a loop that is closed does not even end them
                kept.abort()
        self._kept.clear()

    def _stop_timers(self) -> None:
        for timer in (self._clearing, self._alarm):
            if timer is not None:
                timer.cancel()
        self._clearing = self._alarm = None

    async def _ask(self, connection: SubgraphConnection, request: bytes, until: float) -> HttpAnswer:
        self._asked[connection] = until
        try:
            answering = connection.ask(request)
            if self._alarm is None or until < self._alarm.when():
                self._set_alarm(until)
            answer = await answering
        except BaseException:
            self._free(None)
            connection.abort()
            raise
        finally:
            del self._asked[connection]
        if connection.is_reusable:
            self._free(connection)
        else:
            connection.abort()
            self._free(None)
        return answer

    def _set_alarm(self, until: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(until, self._give_up_late)

    def _give_up_late(self) -> None:
        """Wait no longer for those whose time is over."""
        self._alarm = None
        now = asyncio.get_running_loop().time()
        for connection, until in self._asked.items():
            if until <= now:
                connection.give_up(TimeoutError())
        if left := [until for until in self._asked.values() if until > now]:
            self._set_alarm(min(left))

    def _take_kept(self) -> SubgraphConnection | None:
        """A kept connection that can be used at once."""
        if not self._kept:
            return None
        kept = self._kept.pop()
        if kept.can_be_asked():
            return kept
        kept.abort()
        self._places_left += 1
        return None

    async def _take(self, deadline: Deadline) -> SubgraphConnection:
        """A kept connection, or a new one."""
        kept = await self._next_place(deadline)
        if kept is not None:
            if kept.can_be_asked():
                return kept
            kept.abort()
        return await self._make()

    async def _take_new(self, deadline: Deadline, *, elsewhere: bool = False) -> SubgraphConnection:
        if self._places_left:
            self._places_left -= 1
        elif (kept := await self._next_place(deadline)) is not None:
            kept.abort()
        return await self._make(elsewhere=elsewhere)

    async def _next_place(self, deadline: Deadline) -> SubgraphConnection | None:
        """A place of our own: with a kept connection in it, or empty."""
        if self._kept:
            return self._kept.pop()
        if self._places_left:
            self._places_left -= 1
            return None
        turn: asyncio.Future[SubgraphConnection | None] = asyncio.get_running_loop().create_future()
        self._waited_so_far += 1
        heappush(self._line, (deadline.since, self._waited_so_far, turn))
        try:
            return await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._free(turn.result())
            raise

    async def _make(self, *, elsewhere: bool = False) -> SubgraphConnection:
        """A new connection in a place of our own; *elsewhere* than usual, where there are several addresses."""
        try:
            return await self._connector.connect(
                lambda: SubgraphConnection(self._limits.subgraph_response_bytes_max, self._forget), elsewhere=elsewhere
            )
        except BaseException:
            self._free(None)
            raise

    def _free(self, connection: SubgraphConnection | None) -> None:
        """Give back a place: with *connection*, which can be asked again, or empty."""
        while self._line:
            turn = heappop(self._line)[-1]
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._places_left += 1
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._kept.append(connection)
        if self._clearing is None:
            self._clearing = loop.call_later(KEPT_SECONDS, self._clear)

    def _forget(self, connection: SubgraphConnection) -> None:
        """*connection* has ended while nothing was asked."""
        if connection in self._kept:
            self._kept.remove(connection)
            self._places_left += 1

    def _clear(self) -> None:
        """Close what has been kept for long enough."""
        loop = asyncio.get_running_loop()
        while self._kept and loop.time() - self._kept[0].idle_since >= KEPT_SECONDS:
            self._kept.popleft().abort()
            self._places_left += 1
        self._clearing = None
        if self._kept:
            self._clearing = loop.call_at(self._kept[0].idle_since + KEPT_SECONDS, self._clear)
