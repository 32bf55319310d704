"""What a connection took is free when it has ended, without the collector of garbage: a crowd leaves nothing behind."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import pytest

from tests.serving.plain_client import REQUEST, echo, server_with, until
from trevo.serving.cycle import Cycle
from trevo.serving.protocols import BoundedHttp
from trevo.serving.web_sockets import BoundedWebSocket


@pytest.fixture(autouse=True)
def _not_collected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> list[Any]:
    kinds = (BoundedHttp, BoundedWebSocket, Cycle)
    return [each for each in gc.get_objects() if isinstance(each, kinds)]


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        (b"", 0),
        (REQUEST, 1),
        (REQUEST * 3, 3),
        (REQUEST + REQUEST[:20], 1),
        (REQUEST[:-1], 0),
        (b"nonsense\r\n\r\n", 1),
    ],
)
async def test_after_whatever_was_said(said: bytes, answers: int) -> None:
    async with server_with() as server:
        async with server.connect() as connection:
            connection.say(said)
            for _ in range(answers):
                await connection.answer()
        await until(lambda: not alive())


async def test_while_an_answer_was_under_way() -> None:
    left: list[Callable[[], Any]] = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await echo(scope, receive, send)
            return
        await receive()
        left.append(receive)
        while (await receive())["type"] != "http.disconnect":
            pass
        left.clear()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"too late"})

    async with server_with(slow) as server:
        async with server.connect() as connection:
            connection.say(REQUEST + REQUEST)
            await until(lambda: left)
        await until(lambda: not left)
        await until(lambda: not alive())


async def test_after_it_had_to_make_way() -> None:
    async with server_with(open_max=1) as server:
        async with server.connect(), server.connect() as second:
            second.say(REQUEST)
            assert await second.answer() == (200, b"hi")
        await until(lambda: not alive())


async def test_after_it_was_a_web_socket() -> None:
    async with server_with() as server:
        async with aiohttp.ClientSession() as http, http.ws_connect(server.origin) as socket:
            await socket.send_str("hello")
            assert await socket.receive_str() == "hello"
        await until(lambda: not alive())
