"""`kill -9` in the middle of the stream loses nothing and doubles nothing, on every transport."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from subgraphs.shared.database import Database
from subgraphs.shared.messaging.quiet import quiesced
from subgraphs.shared.messaging.transport import Binding
from tests.subgraphs.shared.messaging.conftest import Broker, until
from tests.subgraphs.shared.messaging.harvest import FieldSown, numbers_kept, sow

ROOT = Path(__file__).resolve().parents[4]
EVENTS = 300

Start = Callable[[str], Awaitable[asyncio.subprocess.Process]]


@pytest_asyncio.fixture
async def start(broker: Broker, database: Database) -> AsyncIterator[Start]:
    """`await start("relay")`: a process of the domain that is up and running."""
    started: list[asyncio.subprocess.Process] = []

    async def start_process(what: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.subgraphs.shared.messaging.crashing",
            what,
            broker.kind,
            broker.url,
            broker.namespace,
            database.url,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        started.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while (line := await process.stdout.readline()) != b"running\n":
                assert line, "the process ended before it was running"
        return process

    yield start_process
    for process in started:
        await kill(process)


async def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def sow_all(database: Database) -> None:
    """`EVENTS` events of many subjects, a few per transaction."""
    for first in range(0, EVENTS, 10):
        await sow(database, *range(first, first + 10), field=f"field {first}")


@pytest.mark.parametrize("what", ["relay", "consumer", "relay+consumer", "sets", "relay+sets"])
async def test_killed_in_mid_stream(what: str, broker: Broker, database: Database, start: Start) -> None:
    observer = await broker.transport()
    await observer.declare([Binding("barn.store", frozenset({FieldSown.type}))])
    others = {"relay": "consumer", "consumer": "relay", "sets": "relay"}.get(what)
    if others:
        await start(others)
    process = await start(what)
    sowing = asyncio.create_task(sow_all(database))
    for mark in (20, 120, 220):

        async def has_come_so_far(mark: int = mark) -> bool:
            return len(await numbers_kept(database)) >= mark

        await until(has_come_so_far)
        await kill(process)
        process = await start(what)
    await sowing

    async def all_kept() -> bool:
        return len(await numbers_kept(database)) >= EVENTS

    await until(all_kept)
    assert await quiesced([database], observer)
    assert sorted(await numbers_kept(database)) == list(range(EVENTS))
    assert [letter async for letter in observer.dead_letters.list()] == []


async def test_killed_when_a_set_has_committed_and_is_not_settled(
    broker: Broker, database: Database, start: Start
) -> None:
    observer = await broker.transport()
    await observer.declare([Binding("barn.store", frozenset({FieldSown.type}))])
    await start("relay")
    await sow_all(database)
    for _ in range(2):
        mortal = await start("mortal-sets")
        async with asyncio.timeout(60):
            await mortal.wait()
        assert len(await numbers_kept(database)) > 1
    await start("sets")

    async def all_kept() -> bool:
        return len(await numbers_kept(database)) >= EVENTS

    await until(all_kept)
    assert await quiesced([database], observer)
    assert sorted(await numbers_kept(database)) == list(range(EVENTS))
    assert [letter async for letter in observer.dead_letters.list()] == []
