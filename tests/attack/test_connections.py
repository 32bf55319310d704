"""Connections that say nothing, little, or without end, shut nobody else out."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from tests.attack.shapes import DOORS
from tests.fixtures.attack import Attack
from tests.fixtures.parts import ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]

HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
BEGUN = {
    "connections that say nothing": b"",
    "half a head": HEAD,
    "bodies of one byte": HEAD + b"Content-Length: 500\r\n\r\n{",
    "bodies whose chunks never come": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "silent web sockets": UPGRADE,
}


@asynccontextmanager
async def begun(url: str, sent: bytes, count: int) -> AsyncIterator[None]:
    """*count* connections that have sent this and wait; those that are not taken are their sender's affair."""
    where, open_now = urlsplit(url), []
    try:
        for _ in range(count):
            try:
                _reader, writer = await asyncio.open_connection(where.hostname, where.port)
                open_now.append(writer)
                writer.write(sent)
            except OSError:
                break
        yield
    finally:
        for writer in open_now:
            writer.transport.abort()


@pytest.fixture(autouse=True)
def _files_enough() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_begun_and_not_finished_shuts_nobody_out(
    door: str, told_parts: ToldParts, attack: Attack
) -> None:
    subject, parts, marina = f"connections, {door}", told_parts.parts, told_parts.told.investors[0]
    for name, sent in BEGUN.items():
        async with begun(parts.bases[door], sent, 600 if attack.full else 120):
            # On a connection of its own: one that is kept open would not notice that none is taken any more.
            answer = await parts.ask("{ __typename }", token=marina.token, part=door, connection="close")
            attack.cell(subject, name, answer.body == {"data": {"__typename": "Query"}}, answer)
    attack.check(subject)


ENDLESS = {
    "a header without end": (HEAD + b"X-Long: ", b"a" * 65_536),
    "headers without end": (HEAD, b"X-One: more\r\n" * 5_000),
    "a target without end": (b"GET /", b"a" * 65_536),
    "a chunk's length without end": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 65_536),
    "empty lines without end": (b"", b"\r\n" * 32_768),
}
TAKEN_MAX = 8_000_000
"""Bytes within which a door has to close; the network's own buffers hold some of them."""


@pytest.mark.parametrize("door", DOORS)
async def test_a_head_without_end_is_cut_off(door: str, told_parts: ToldParts, attack: Attack) -> None:
    subject, where = f"endless heads, {door}", urlsplit(told_parts.parts.bases[door])
    for name, (start, more) in ENDLESS.items():
        _reader, writer = await asyncio.open_connection(where.hostname, where.port)
        taken = 0
        try:
            writer.write(start)
            async with asyncio.timeout(20):
                while taken < 4 * TAKEN_MAX:
                    writer.write(more)
                    await writer.drain()
                    taken += len(more)
        except (ConnectionError, TimeoutError):
            pass
        finally:
            writer.transport.abort()
        attack.cell(subject, name, taken <= TAKEN_MAX, f"{taken} bytes were taken")
    attack.check(subject)
