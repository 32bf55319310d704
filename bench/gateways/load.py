"""Clients: as many connections as wanted, each with one request at a time, for a while."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httptools
import orjson

ANSWER_SECONDS_MAX = 120.0


@dataclass
class Load:
    """What a while of asking came to."""

    seconds: float = 0.0
    answers: int = 0
    latencies: list[float] = field(default_factory=list)
    """In seconds, of every answer."""
    bad: list[str] = field(default_factory=list)
    """Answers that were not as expected, shortened."""


class Client(asyncio.Protocol):
    """One kept-alive connection, over which requests go one after another."""

    def __init__(self) -> None:
        self._answered: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error or ConnectionError("closed before the answer"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        assert self._answered is not None
        if self._answered.done():
            return  # whoever asked does not wait any more
        status, body = self._parser.get_status_code(), b"".join(self._body)
        self._answered.set_result(body if status == 200 else b"%d %b" % (status, body))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer; its status before it where that is not 200."""
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            return await self._answered


async def connect(port: int) -> Client:
    _, client = await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", port)
    return client


def request_of(
    port: int, query: str, variables: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """The bytes that ask for *query*, with further *headers*."""
    body = orjson.dumps({"query": query} | ({"variables": variables} if variables else {}))
    head = f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
    further = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"{head}accept: application/json\r\n{further}content-length: {len(body)}\r\n\r\n".encode() + body


async def ask_for_a_while(port: int, request: bytes, expected: Any, *, connections: int, seconds: float) -> Load:
    """
    The same *request* over and over, at least once.

    Answers with the bytes of one that was compared with *expected* are right; others are compared too.
    """
    load, right = Load(), set[bytes]()
    clients = [await connect(port) for _ in range(connections)]
    started = time.perf_counter()

    async def keep_asking(client: Client) -> None:
        asked = started
        while not load.latencies or asked - started < seconds:
            asked = time.perf_counter()
            try:
                body = await client.ask(request)
            except (OSError, TimeoutError) as error:
                load.bad.append(repr(error))  # and this client asks no more: its connection is gone
                return
            load.latencies.append(time.perf_counter() - asked)
            if body not in right:
                _judge(body, expected, right, load)

    await asyncio.gather(*map(keep_asking, clients))
    load.seconds, load.answers = time.perf_counter() - started, len(load.latencies)
    for client in clients:
        client.transport.close()
    return load


def _judge(body: bytes, expected: Any, right: set[bytes], load: Load) -> None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if answer == {"data": expected}:
        right.add(body)
    else:
        load.bad.append(body[:300].decode(errors="replace"))


async def ask_each_once(port: int, texts: Iterator[str], *, connections: int) -> Load:
    """Every one of *texts* once; only errors are looked for, since each has another answer."""
    load = Load()
    clients = [await connect(port) for _ in range(connections)]
    started = time.perf_counter()

    async def keep_asking(client: Client) -> None:
        for text in texts:
            asked = time.perf_counter()
            try:
                body = await client.ask(request_of(port, text))
            except (OSError, TimeoutError) as error:
                load.bad.append(repr(error))
                return
            load.latencies.append(time.perf_counter() - asked)
            if not body.startswith(b'{"data":{"people') or b'"errors"' in body:
                load.bad.append(body[:300].decode(errors="replace"))

    await asyncio.gather(*map(keep_asking, clients))
    load.seconds, load.answers = time.perf_counter() - started, len(load.latencies)
    for client in clients:
        client.transport.close()
    return load
