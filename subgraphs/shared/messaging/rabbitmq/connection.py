"""A connection that is there again when it is next asked for."""

import asyncio
import logging
from contextlib import suppress

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError
from aiormq.exceptions import AMQPError as ProtocolError

from subgraphs.shared.logging import mask_text
from subgraphs.shared.messaging.transport import Presence, TransportUnavailable

log = structlog.get_logger()

CONNECT_SECONDS_MAX = 10.0

for _library in ("aio_pika", "aiormq"):
    # They log each failure of each channel, which we handle, and tell once (`Presence`).
    logging.getLogger(_library).setLevel(logging.CRITICAL)

RABBIT_ERRORS = (OSError, AMQPError, ProtocolError, RuntimeError, asyncio.InvalidStateError)
"""What a broker that is away, or going away, makes aio-pika raise. (`TimeoutError` is an `OSError`.)"""


async def close_channel(channel: AbstractChannel) -> None:
    """
    Whoever still waits for something over it gets a ConnectionError.

    (By itself aiormq cancels those who wait, who were not asked to stop, or raises a bare Exception in them.)
    """
    with suppress(*RABBIT_ERRORS):
        underlay = await channel.get_underlay_channel()
        await underlay.close(ConnectionError("the channel was closed"))
        await channel.close()


class Connection:
    """
    Opens on demand.

    Reconnecting belongs to those who use it, each with its own backoff and its own
    channel: the library's automatic recovery restores channels behind our back, and a
    publisher could not tell which confirmations it still waits for.
    """

    def __init__(self, url: str, *, purpose: str, presence: Presence) -> None:
        self._url = url
        self._presence = presence
        self._purpose = purpose
        self._connection: AbstractConnection | None = None
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._connection is not None and not self._connection.is_closed

    async def channel(self) -> AbstractChannel:
        """
        A new channel with publisher confirms.

        Raises TransportUnavailable when the broker cannot be reached.
        """
        async with self._opening:
            try:
                if self.is_open:
                    # It may be broken without knowing yet; then a new one is the answer.
                    with suppress(*RABBIT_ERRORS):
                        return await self._open_channel()
                    await self._drop()
                self._connection = await self._connect()
                return await self._open_channel()
            except RABBIT_ERRORS as error:
                await self._drop()
                self._presence.went(repr(error))
                raise TransportUnavailable(mask_text(f"RabbitMQ cannot be reached: {error!r}")) from error

    async def _open_channel(self) -> AbstractChannel:
        if self._connection is None:
            raise ConnectionError("there is no connection")
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            return await self._connection.channel(publisher_confirms=True, on_return_raises=True)

    async def _connect(self) -> AbstractConnection:
        connection = aio_pika.Connection(
            aio_pika.connection.make_url(self._url),
            client_properties={"connection_name": f"peerseed {self._purpose}"},
        )
        try:
            await connection.connect(timeout=CONNECT_SECONDS_MAX)
        except BaseException:
            # Otherwise the collector of garbage would close it, perhaps where no loop runs any more.
            await self._end(connection)
            raise
        connection.close_callbacks.add(self._on_closed)
        self._presence.came()
        return connection

    def _on_closed(self, connection: object, error: BaseException | None = None) -> None:
        if connection is self._connection:  # not one that we let go
            self._presence.went(repr(error))

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed:
            await self._end(connection)

    async def _end(self, connection: AbstractConnection) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await connection.close()
        except RABBIT_ERRORS as error:
            log.debug("a broken connection did not close", error=str(error))

    async def close(self) -> None:
        async with self._opening:
            await self._drop()
