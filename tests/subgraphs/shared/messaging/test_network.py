"""The road that tests cut leaves nothing behind, whenever it is cut."""

import asyncio
import gc
import socket
from contextlib import suppress

import pytest

from tests.subgraphs.shared.messaging.network import Road


@pytest.mark.parametrize("turns", range(6))
async def test_a_road_that_is_cut_while_somebody_comes_in_closes_their_connection(turns: int) -> None:
    road = Road("127.0.0.1", 1)
    await road.open()
    with socket.create_connection(("127.0.0.1", road.port)) as traveller:
        traveller.settimeout(5)
        for _ in range(turns):
            await asyncio.sleep(0)
        await road.cut()
        await asyncio.sleep(0)  # what was aborted is closed a turn later
        with suppress(ConnectionError):
            assert traveller.recv(1) == b"", "reset or closed, not kept"
    gc.collect()  # a transport that nobody has closed complains here
