"""The clients and the subgraphs, in processes of their own, so that what they cost is not the server's."""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from bench.gateways.load import Client, connect
from bench.gateways.processes import free_port
from bench.gateways.store.serve import serve


@contextmanager
def subgraphs() -> Iterator[int]:
    """The port of a store, while the block runs."""
    port = free_port()
    store = multiprocessing.get_context("spawn").Process(target=_serve, args=(port,), daemon=True)
    store.start()
    try:
        _wait_until_listening(store, port)
        yield port
    finally:
        store.kill()
        store.join()


def _wait_until_listening(server: BaseProcess, port: int) -> None:
    while True:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        if not server.is_alive():
            raise RuntimeError("the subgraphs ended before they listened")
        time.sleep(0.01)  # it is starting


def _serve(port: int) -> None:
    asyncio.run(serve(port))


class LoadProcess:
    """So many *connections*, each with one request at a time."""

    def __init__(self, connections: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._tell, told = context.Pipe()
        self._process = context.Process(target=_work, args=(told, connections), daemon=True)
        self._process.start()

    async def ask(self, port: int, request: bytes, times: int) -> None:
        """Send *request* so often to *port*; returns when all are answered. Raises RuntimeError for a wrong answer."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def finish() -> None:
            if not done.done():
                done.set_result(None)

        loop.add_reader(self._tell.fileno(), finish)
        self._tell.send((port, request, times))
        await done
        loop.remove_reader(self._tell.fileno())
        if failure := self._tell.recv():
            raise RuntimeError(failure)

    def __enter__(self) -> "LoadProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.join()


def _work(told: Connection, connections: int) -> None:
    while True:
        port, request, times = told.recv()
        told.send(asyncio.run(_ask(port, request, times, connections)))


async def _ask(port: int, request: bytes, times: int, connections: int) -> str | None:
    clients = [await connect(port) for _ in range(connections)]
    left = iter(range(times))
    bad: list[bytes] = []

    async def keep_asking(client: Client) -> None:
        for _ in left:
            body = await client.ask(request)
            if not body.startswith(b'{"data":'):
                bad.append(body)

    await asyncio.gather(*map(keep_asking, clients))
    for client in clients:
        client.transport.close()
    return repr(bad[0][:300]) if bad else None
