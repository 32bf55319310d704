"""
CPU time of one fetch by plain HTTP of our own and by the library: `make bench-carriers`.

A stub in a process of its own answers with prepared bytes, so that what is measured is the client. Rounds of both take
turns; told are the medians. The ratio holds from day to day, microseconds do not. `system` is the kernel's part
(sockets), which no client can save.
"""

import asyncio
import multiprocessing
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import orjson

from trevo.clients.http_client import HttpSubgraphClient
from trevo.clients.subgraph_client import Deadline, SubgraphRequest
from trevo.config.carriers import CarrierName
from trevo.config.limits import Limits

ROUNDS = 5
FETCHES = 1_000
SIZES = {"1 KB": 1_000, "50 KB": 50_000}
CONNECTIONS = (1, 50)
CARRIERS: tuple[CarrierName, ...] = ("library", "auto")
HEADERS = {
    "authorization": "Bearer " + "x" * 400,
    "accept-language": "pt-BR",
    "x-correlation-id": "c" * 32,
    "traceparent": "00-" + "a" * 52,
}
RESULTS = Path(__file__).parent / "results"


class Stub(asyncio.Protocol):
    """Answers each request, which is taken to come in one piece, with as many bytes as its document says."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        size = int(data.rpartition(b"size_")[2].partition(b" ")[0])
        self._transport.write(_answer(size))


_ANSWERS: dict[int, bytes] = {}


def _answer(size: int) -> bytes:
    if size not in _ANSWERS:
        body = orjson.dumps({"data": {"items": [{"name": "x" * 40, "price": 100}] * (size // 64)}})
        head = b"HTTP/1.1 200 OK\r\nserver: stub\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        _ANSWERS[size] = head % len(body) + body
    return _ANSWERS[size]


def serve(listener: socket.socket) -> None:
    """Answer for ever."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Stub, sock=listener)
        await server.serve_forever()

    asyncio.run(main())


async def cost_of(client: HttpSubgraphClient, size: int, connections: int) -> tuple[float, float]:
    """Microseconds of one fetch: ours, and the kernel's."""

    async def ask(times: int) -> None:
        for _ in range(times):
            await client.send(SubgraphRequest(f"{{ size_{size} }}", {}, HEADERS, Deadline.after(60)))

    await asyncio.gather(*(ask(2) for _ in range(connections)))
    before = os.times()
    await asyncio.gather(*(ask(FETCHES // connections) for _ in range(connections)))
    after = os.times()
    per_fetch = 1_000_000 / FETCHES
    return (after.user - before.user) * per_fetch, (after.system - before.system) * per_fetch


async def measure(url: str) -> str:
    """The table."""
    clients = {name: HttpSubgraphClient("stub", url, Limits(), name) for name in CARRIERS}
    lines = [
        f"{'answer':8}{'connections':>12}{'library, system':>18}{'plain, system':>16}{'ratio':>7}{'without system':>16}"
    ]
    for label, size in SIZES.items():
        for connections in CONNECTIONS:
            rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in CARRIERS}
            for _ in range(ROUNDS):
                for name in CARRIERS:
                    rounds[name].append(await cost_of(clients[name], size, connections))
            (theirs, their_system), (ours, our_system) = (
                [median(one[part] for one in rounds[name]) for part in (0, 1)] for name in CARRIERS
            )
            ratio = (ours + our_system) / (theirs + their_system)
            lines.append(
                f"{label:8}{connections:12}{theirs:10.0f}, {their_system:4.0f} µs{ours:8.0f}, {our_system:4.0f} µs"
                f"{ratio:7.2f}{ours / theirs:16.2f}"
            )
    for client in clients.values():
        await client.close()
    return "\n".join(lines) + "\n"


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stub = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
        stub.start()
        try:
            table = asyncio.run(measure(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"))
        finally:
            stub.kill()
            stub.join()
    print(table, end="")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.txt").write_text(table)


if __name__ == "__main__":
    main()
