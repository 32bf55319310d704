"""Where buckets are kept: in one process, and in a real Redis that several share."""

import asyncio
import os
import shutil
import socket
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
import structlog

from tests.fixtures.parts import eventually
from trevo.door.rates import Rate
from trevo.rates.rate_stores import MemoryStore, SharedStore

SERVER = shutil.which("valkey-server") or shutil.which("redis-server")
SLOWLY = Rate.parse("6/hour burst 3")
"""A token takes ten minutes: however busy the machine is, none comes back during a test."""
needs_server = pytest.mark.skipif(
    SERVER is None and os.environ.get("REQUIRE_REDIS") != "1",
    reason="NOT TESTED ON REDIS: install valkey-server or redis-server (REQUIRE_REDIS=1 makes this an error)",
)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@asynccontextmanager
async def redis_on(port, folder):
    assert SERVER is not None, "REQUIRE_REDIS=1, but there is no valkey-server or redis-server"
    process = await asyncio.create_subprocess_exec(
        SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip

    async def listens():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await eventually(listens, what="the store listening")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest_asyncio.fixture
async def url(tmp_path):
    port = free_port()
    async with redis_on(port, tmp_path):
        yield f"redis://127.0.0.1:{port}"


@asynccontextmanager
async def shared(url, told=None):
    store = SharedStore(
        url, seconds_max=30.0, meanwhile=MemoryStore(10), tell=(told.append if told is not None else lambda _: None)
    )
    try:
        yield store
    finally:
        await store.close()


async def test_one_process_counts_each_key_by_itself():
    store = MemoryStore(10)
    waits = [await store.take("ada", SLOWLY, 1) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 500 < waits[3] <= 600
    assert await store.take("bob", SLOWLY, 1) == 0


async def test_what_was_not_used_for_longest_is_forgotten():
    store = MemoryStore(2)
    for key in ("ada", "bob", "ada", "cem"):
        await store.take(key, SLOWLY, 3)
    assert len(store) == 2
    assert await store.take("bob", SLOWLY, 3) == 0


@needs_server
async def test_replicas_that_share_a_store_count_together(url):
    async with shared(url) as one, shared(url) as other:
        waits = [await store.take("ada", SLOWLY, 1) for store in (one, other, one, other)]
        assert waits[:3] == [0, 0, 0]
        assert 500 < waits[3] <= 600
        assert await other.take("bob", SLOWLY, 3) == 0
        assert await one.take("bob", SLOWLY, 4) > 0


@needs_server
async def test_many_at_once_get_no_more_than_there_is(url):
    async with shared(url) as one, shared(url) as other:
        waits = await asyncio.gather(*(store.take("ada", SLOWLY, 1) for store in (one, other) for _ in range(20)))
    assert waits.count(0) == 3


@needs_server
async def test_a_bucket_that_is_full_again_is_not_kept(url):
    quickly = Rate.parse("100/second burst 1")
    async with shared(url) as store:
        await store.take("ada", quickly, 1)

        async def is_forgotten():
            return not await store._link.redis.keys("*")

        await eventually(is_forgotten, what="the bucket being forgotten")
        assert await store.take("ada", quickly, 1) == 0


@needs_server
async def test_while_the_store_is_away_each_process_counts_for_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("trevo.stores.redis_link.LOOK_AGAIN_SECONDS", 0.0)
    port, told = free_port(), []
    with structlog.testing.capture_logs() as logs:
        async with shared(f"redis://127.0.0.1:{port}", told) as store:
            async with redis_on(port, tmp_path):
                assert [await store.take("ada", SLOWLY, 1) for _ in range(3)] == [0, 0, 0]
            assert [await store.take("ada", SLOWLY, 1) for _ in range(3)] == [0, 0, 0]
            assert await store.take("ada", SLOWLY, 1) > 500
            async with redis_on(port, tmp_path):
                assert [await store.take("ada", SLOWLY, 1) for _ in range(3)] == [0, 0, 0]
                assert await store.take("ada", SLOWLY, 1) > 500
    assert told == [True, False, True]
    assert [(entry["event"], entry["of"]) for entry in logs] == [
        ("a store is away", "rates"), ("a store answers again", "rates"),
    ]  # fmt: skip


async def test_a_store_that_never_answers_is_asked_once_in_a_while():
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        store = SharedStore(url, seconds_max=0.1, meanwhile=MemoryStore(10), tell=lambda _: None)
        started = asyncio.get_running_loop().time()
        for _ in range(50):
            await store.take("ada", Rate.parse("100/second"), 1)
        assert asyncio.get_running_loop().time() - started < 50 * 0.1
        await store.close()
    finally:
        silent.close()
