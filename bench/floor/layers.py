"""The servers under the router, each with one layer more than the one before; and those that a subgraph has alike."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import uvicorn

from bench.gateways.cases import ONE_FETCH, TYPENAME
from bench.gateways.processes import free_port
from bench.gateways.store.graph import composed
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.door.connections import ConnectionBounds
from trevo.gateway.result import Result
from trevo.main import create_app
from trevo.observability.logging import configure_logging
from trevo.server.respond import respond
from trevo.serving.asgi import Receive, Scope, Send
from trevo.serving.config import ServingConfig

BODY = b'{"data":{"__typename":"Query"}}'
ANSWER_TO_ALL = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


Serving = AbstractAsyncContextManager[int]
"""Gives the port, while the block runs."""


class Layer(NamedTuple):
    """A server, and what it has more than the one before."""

    name: str
    query: str
    serving: Callable[[], Serving]
    headers: Mapping[str, str] | None = None
    """Of a request, beyond those that every one has."""


class Bytes(asyncio.Protocol):
    """Answers whatever comes, which is taken to be one request, with bytes that lie ready."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, _data: bytes) -> None:
        self._transport.write(ANSWER_TO_ALL)


@asynccontextmanager
async def bytes_alone() -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(Bytes, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def has_its_answer_ready(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})
        return
    while (await receive()).get("more_body"):
        continue
    await respond(send, 200, BODY, "application/json; charset=utf-8")


@asynccontextmanager
async def served(app: Any, bounds: ConnectionBounds) -> AsyncIterator[int]:
    port = free_port()
    server = Announced(ServingConfig(app, bounds, port=port, stop_seconds_max=1))
    serving = asyncio.create_task(server.serve())
    await server.is_up.wait()
    try:
        yield port
    finally:
        server.should_exit = True
        await serving


class Announced(uvicorn.Server):
    """Says when it lets in."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


class Layers:
    """All of them, over a store of subgraphs at *store_port*."""

    def __init__(self, store_port: int) -> None:
        self._supergraph = composed(store_port)

        # All clients have one address here.
        self._settings = Settings(rates=Rates(enabled=False), limits=Limits(in_flight_max=1_000))

    def http(self) -> Serving:
        return served(has_its_answer_ready, self._settings.connections)

    def paths(self) -> Serving:
        return self._router(extra_routes={"/graphql": has_its_answer_ready})

    @asynccontextmanager
    async def endpoint(self) -> AsyncIterator[int]:
        async def answer(*_given: Any, **_named: Any) -> Result:
            return Result(data={"__typename": "Query"}, was_executed=True, kind="query")

        configure_logging("WARNING")
        with patch("trevo.server.endpoint.answer", answer):
            async with self._router() as port:
                yield port

    def whole(self) -> Serving:
        configure_logging("WARNING")
        return self._router()

    def logging(self) -> Serving:
        configure_logging("INFO")
        return self._router()

    def _router(self, **options: Any) -> Serving:
        return served(
            create_app(self._settings, supergraph_text=self._supergraph, **options), self._settings.connections
        )

    def all(self) -> list[Layer]:
        return [
            Layer("bytes", TYPENAME, bytes_alone),
            Layer("http", TYPENAME, self.http),
            Layer("paths, headers", TYPENAME, self.paths),
            Layer("endpoint", TYPENAME, self.endpoint),
            Layer("answer", TYPENAME, self.whole),
            Layer("log", TYPENAME, self.logging),
            Layer("one fetch", ONE_FETCH, self.logging),
        ]
