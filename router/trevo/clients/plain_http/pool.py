"""
The connections to one address: kept, bounded in number, given in the order of asking.

There are *connections_max* places. A place is empty, or holds a connection that is asked, made, or kept. Who finds
neither a kept connection nor an empty place waits in line; whatever becomes free goes to the first of the line.
"""

import asyncio
from collections import deque
from collections.abc import Mapping

from trevo.clients.carrier import KEPT_SECONDS, HttpAnswer
from trevo.clients.plain_http.address import Address
from trevo.clients.plain_http.connect import Connector
from trevo.clients.plain_http.connection import ClosedUnanswered, SubgraphConnection
from trevo.clients.plain_http.request import RequestWriter
from trevo.config.limits import Limits


class PlainHttp:
    """
    Carries requests to *address*.

    *When a request is sent again.* The other side may close a kept connection in the moment it is used. Then, and only
    if the connection had answered before and no byte of this answer had come, a request that may be repeated is sent
    once more, on a new connection. One that may not be repeated is never sent twice.

    *A kept connection is looked at before it is used.* One that has ended, or on which something has come that nobody
    asked for, is passed over while nothing has been sent on it; the loop may not have told of that yet.
    """

    def __init__(self, address: Address, limits: Limits) -> None:
        self._limits = limits
        self._writer = RequestWriter(address)
        self._connector = Connector(address.host, address.port, limits.subgraph_connect_seconds_max)
        self._places_left = limits.subgraph_connections_max
        self._kept: deque[SubgraphConnection] = deque()
        """The one used last at the end: it is used first, so that what is not needed grows old."""
        self._asked: set[SubgraphConnection] = set()
        self._line: deque[asyncio.Future[SubgraphConnection | None]] = deque()
        self._clearing: asyncio.TimerHandle | None = None

    async def post(self, body: bytes, headers: Mapping[str, str], *, seconds: float, may_repeat: bool) -> HttpAnswer:
        """As `Carrier.post`."""
        request = self._writer.write(headers, body)
        async with asyncio.timeout(seconds):
            connection = await self._take()
            try:
                return await self._ask(connection, request)
            except ClosedUnanswered:
                if not (may_repeat and connection.has_answered):
                    raise
            return await self._ask(await self._take_new(), request)

    async def close(self) -> None:
        """Give back all connections; what is asked or waits fails."""
        if self._clearing is not None:
            self._clearing.cancel()
            self._clearing = None
        for waiting in self._line:
            if not waiting.done():
                waiting.set_exception(ConnectionError("the client was closed"))
        self._line.clear()
        for connection in (*self._kept, *self._asked):
            connection.abort()
        await asyncio.sleep(0)  # the loop closes them in its next turn

    async def _ask(self, connection: SubgraphConnection, request: bytes) -> HttpAnswer:
        self._asked.add(connection)
        try:
            answer = await connection.ask(request)
        except BaseException:
            self._free(None)
            connection.abort()
            raise
        finally:
            self._asked.discard(connection)
        if connection.is_reusable:
            self._free(connection)
        else:
            connection.abort()
            self._free(None)
        return answer

    async def _take(self) -> SubgraphConnection:
        """A kept connection, or a new one."""
        kept = await self._next_place()
        if kept is None:
            return await self._make()
        if kept.is_open and kept.is_quiet():
            return kept
        kept.abort()
        return await self._make()

    async def _take_new(self) -> SubgraphConnection:
        if self._places_left:
            self._places_left -= 1
        elif (kept := await self._next_place()) is not None:
            kept.abort()
        return await self._make()

    async def _next_place(self) -> SubgraphConnection | None:
        """A place of our own: with a kept connection in it, or empty."""
        if self._kept:
            return self._kept.pop()
        if self._places_left:
            self._places_left -= 1
            return None
        turn: asyncio.Future[SubgraphConnection | None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            return await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._free(turn.result())
            raise

    async def _make(self) -> SubgraphConnection:
        """A new connection in a place of our own."""
        try:
            return await self._connector.connect(
                lambda: SubgraphConnection(self._limits.subgraph_response_bytes_max, self._forget)
            )
        except BaseException:
            self._free(None)
            raise

    def _free(self, connection: SubgraphConnection | None) -> None:
        """Give back a place: with *connection*, which can be asked again, or empty."""
        while self._line:
            turn = self._line.popleft()
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
