"""
The subgraphs' server: `python -m bench.gateways.store.serve PORT`.

One process for all four, each at its own path (`/people`, …), so that what they cost is on one core together.
`GET /requests` answers how many requests they had so far.
"""

import asyncio
import sys
from typing import Any

import httptools
import orjson

from bench.gateways.store.answer import Answers
from bench.gateways.store.world import make_parts

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Store:
    """The subgraphs, and how often they were asked."""

    def __init__(self) -> None:
        self.requests = 0
        self._by_path = {f"/{name}": Answers(part) for name, part in make_parts().items()}

    def respond(self, path: str, body: bytes) -> bytes:
        if path == "/requests":
            return orjson.dumps(self.requests)
        self.requests += 1
        asked: dict[str, Any] = orjson.loads(body)
        data = self._by_path[path].answer(asked["query"], asked.get("variables") or {}, asked.get("operationName"))
        return orjson.dumps({"data": data})


class Connection(asyncio.Protocol):
    """One connection of a gateway; requests are answered in the order in which they come."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._path = b""
        self._body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body = self._store.respond(self._path.decode(), b"".join(self._body))
        self._transport.write(HEAD % len(body) + body)


async def serve(port: int) -> None:
    store = Store()
    loop = asyncio.get_running_loop()
    # A gateway may open hundreds of connections at once, and none should be turned away.
    server = await loop.create_server(lambda: Connection(store), "127.0.0.1", port, backlog=2_000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
