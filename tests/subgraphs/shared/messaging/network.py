"""A TCP road between a client and a server that a test can cut and open again."""

import asyncio
from contextlib import suppress


class Road:
    """
    Forwards a local port to *host*:*port*.

    `cut` resets every connection and refuses new ones, as a server that crashed does;
    `open` lets them in again at the same address.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._travellers: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            await _let_in_nobody_more(server)
            server.close()
        travellers = list(self._travellers)
        for traveller in travellers:
            traveller.cancel()
        await asyncio.gather(*travellers, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._travellers.add(task)
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(_forward(reader, far_writer))
                both_ways.create_task(_forward(far_reader, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._travellers.discard(task)
            for end in (writer, far_writer):
                if end is not None:
                    end.transport.abort()


async def _let_in_nobody_more(server: asyncio.Server) -> None:
    """
    Stop listening, and wait until each connection that was accepted has its traveller.

    asyncio makes a connection's transport one turn of the loop after it was accepted. Of a server that was closed in
    that turn it makes half a one, which nobody closes.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(3):  # its transport, its protocol, its traveller
        await asyncio.sleep(0)


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()
