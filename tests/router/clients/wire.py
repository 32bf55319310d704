"""A server that says what a test tells it to, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

Answer = bytes | asyncio.Event | None
"""Bytes are sent; an event is waited for; None closes the connection."""


@dataclass
class Wire:
    """What came, and how connections ended."""

    url: str = ""
    heads: list[bytes] = field(default_factory=list)
    asked: list[tuple[int, str]] = field(default_factory=list)
    """Each request: the number of its connection, and its document."""
    ended: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """Connections that the client has closed."""
    came: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    @property
    def documents(self) -> list[str]:
        return [document for _, document in self.asked]

    @property
    def connections(self) -> list[int]:
        return [number for number, _ in self.asked]


def answer(body: bytes = b'{"data":{}}', *lines: bytes, status: bytes = b"200 OK", length: bool = True) -> bytes:
    """An answer as it should be, but for what is said."""
    head = [b"HTTP/1.1 " + status, b"content-type: application/json", *lines]
    if length:
        head.append(b"content-length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


GOOD = answer()


@asynccontextmanager
async def wire(*answers: Answer | list[Answer], host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Wire]:
    """A server whose n-th request gets the n-th of *answers*, or the last."""
    there = Wire()
    open_connections: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(open_connections)
        open_connections.add(writer)
        with suppress(ConnectionError):
            while await _take_request(reader, there, number):
                said = answers[min(len(there.asked), len(answers)) - 1]
                for part in said if isinstance(said, list) else [said]:
                    if part is None:
                        writer.close()
                        return
                    if isinstance(part, bytes):
                        writer.write(part)
                        await writer.drain()
                    else:
                        await part.wait()
        there.ended.put_nowait(number)
        writer.close()

    server = await asyncio.start_server(serve, host, port)
    there.url = f"http://{f'[{host}]' if ':' in host else host}:{server.sockets[0].getsockname()[1]}/graphql"
    try:
        yield there
    finally:
        server.close()
        for writer in open_connections:
            writer.transport.abort()


async def _take_request(reader: asyncio.StreamReader, there: Wire, number: int) -> bool:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        body = await reader.readexactly(next(int(it[15:]) for it in lines if it.startswith(b"content-length:")))
    except asyncio.IncompleteReadError:
        return False
    there.heads.append(head)
    document: Any = orjson.loads(body)["query"]
    there.asked.append((number, document))
    there.came.put_nowait(document)
    return True
