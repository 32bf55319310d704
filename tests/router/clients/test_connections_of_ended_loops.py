"""What is left of connections when the loop that made them has ended."""

import asyncio
import gc
import socket
import time
from contextlib import contextmanager, suppress
from queue import Queue
from threading import Thread

import pytest

from tests.router.clients.wire import GOOD, answer
from trevo.clients.plain_http import connect, pool
from trevo.clients.plain_http.address import Address
from trevo.clients.subgraph_client import Deadline
from trevo.config.limits import Limits


@contextmanager
def answering_beside(*answers):
    """
    A server with threads of its own, whose n-th request gets the n-th of *answers*, or none.

    Gives who asks it, and what it hears.
    """

    def serve():
        while True:
            try:
                connections.append(listener.accept()[0])
            except OSError:
                return
            Thread(target=talk, args=(len(connections), connections[-1]), daemon=True).start()

    def talk(number, connection):
        with suppress(OSError):
            while connection.recv(65_536):
                heard.put(("asked", number))
                if (said := next(left, None)) is not None:
                    connection.sendall(said)
        heard.put(("ended", number))

    connections, heard, left = [], Queue(), iter(answers)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        try:
            yield pool.PlainHttp(Address("127.0.0.1", listener.getsockname()[1], "/"), Limits()), heard
        finally:
            for each in (listener, *connections):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        connection.close()


def test_the_alarm_of_a_loop_that_has_ended_is_not_relied_on():
    async def ask_in_vain(carrier, heard):
        loop = asyncio.get_running_loop()
        asking = asyncio.create_task(carrier.post(b"x", {}, deadline=Deadline.after(60), may_repeat=True))
        await asyncio.to_thread(heard.get, timeout=20)
        loop.time = lambda: time.monotonic() + 61
        await asyncio.wait([asking], timeout=20)
        return asking.done() and type(asking.exception())

    with answering_beside(answer(b"{}", b"connection: close")) as (carrier, heard):
        asyncio.run(carrier.post(b"x", {}, deadline=Deadline.after(60), may_repeat=True))
        assert [heard.get(timeout=20), heard.get(timeout=20)] == [("asked", 1), ("ended", 1)]
        assert asyncio.run(ask_in_vain(carrier, heard)) is TimeoutError


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_the_connections_of_a_loop_that_has_ended_are_left_behind(monkeypatch):
    """Nothing that comes on them would be heard; nor is anything else of that loop waited for."""

    async def ask_twice_at_once(carrier):
        async with asyncio.timeout(20):
            await asyncio.gather(
                *(carrier.post(b"x", {}, deadline=Deadline.after(60), may_repeat=True) for _ in range(2))
            )

    async def ask_and_wait_until_they_are_cleared(carrier, heard):
        monkeypatch.setattr(pool, "KEPT_SECONDS", 0.05)
        await ask_twice_at_once(carrier)
        still_open = {("ended", 3), ("ended", 4)}
        while still_open:
            still_open.discard(await asyncio.to_thread(heard.get, timeout=20))
        return carrier._places_left

    monkeypatch.setattr(connect, "KNOWN_SECONDS", -1)
    with answering_beside(*[GOOD] * 4) as (carrier, heard):
        asyncio.run(ask_twice_at_once(carrier))
        places_left = asyncio.run(ask_and_wait_until_they_are_cleared(carrier, heard))
    assert places_left == Limits().subgraph_connections_max
    gc.collect()  # nobody else closes what the loop left open
