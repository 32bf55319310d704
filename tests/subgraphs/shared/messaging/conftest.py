"""Both transports behind one fixture, and the parts of a small domain running on them."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import structlog
from sqlalchemy.engine import make_url
from yarl import URL

from subgraphs.shared.database import Database
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.quiet import quiesced
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.reactions import Reactions
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import DeadLetter, Transport
from tests.fixtures.databases import Server
from tests.fixtures.rabbitmq import NOT_TESTED, delete_namespace
from tests.subgraphs.shared.messaging.harvest import HarvestBase
from tests.subgraphs.shared.messaging.network import Road

QUICK = RetryPolicy(delays_s=(0.02, 0.05), attempts_max=3, not_yet_attempts_max=6)
"""Retries in milliseconds: the tests are about what happens, not about how late."""

DEADLINE_S = 30.0


@dataclass
class Broker:
    """A broker of one kind, empty, whose road can be cut."""

    kind: str
    url: str
    """Through the road."""
    road: Road
    namespace: str
    _stack: AsyncExitStack = field(repr=False)

    async def transport(self, *, retry: RetryPolicy = QUICK, lease_s: float = 30.0) -> Transport:
        """A started transport, stopped at the end of the test."""
        transport: Transport
        if self.kind == "rabbitmq":
            transport = RabbitMQTransport(self.url, retry=retry, namespace=self.namespace)
        else:
            transport = EmbeddedTransport(self.url, retry=retry, lease_s=lease_s)
        await transport.start()
        self._stack.push_async_callback(transport.stop)
        return transport


@pytest_asyncio.fixture(params=["embedded", "rabbitmq"])
async def broker(request: pytest.FixtureRequest, postgres: Server) -> AsyncIterator[Broker]:
    """Each test runs on both kinds of broker; RabbitMQ where `RABBITMQ_URL` names one."""
    make = make_rabbitmq if request.param == "rabbitmq" else make_embedded
    async for broker in make(postgres):
        yield broker


async def make_embedded(postgres: Server) -> AsyncIterator[Broker]:
    name = f"broker_{secrets.token_hex(6)}"
    await postgres.execute(f'CREATE DATABASE "{name}"')
    target = make_url(postgres.admin_url)
    road = Road(target.host or "127.0.0.1", target.port or 5432)
    await road.open()
    url = target.set(host="127.0.0.1", port=road.port, database=name).render_as_string(hide_password=False)
    async with AsyncExitStack() as stack:
        yield Broker("embedded", url, road, name, stack)
        await _open_again(road)
    await road.cut()
    await postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def make_rabbitmq(_: Server) -> AsyncIterator[Broker]:
    address = os.environ.get("RABBITMQ_URL")
    if not address:
        if os.environ.get("REQUIRE_RABBITMQ") == "1":
            pytest.fail("REQUIRE_RABBITMQ=1, but RABBITMQ_URL names no broker")
        pytest.skip(NOT_TESTED)
    target = URL(address)
    road = Road(target.host or "127.0.0.1", target.port or 5672)
    await road.open()
    namespace = f"test-{secrets.token_hex(6)}"
    url = str(target.with_host("127.0.0.1").with_port(road.port))
    async with AsyncExitStack() as stack:
        yield Broker("rabbitmq", url, road, namespace, stack)
        await _open_again(road)
    await road.cut()
    handlers = ["barn.store", "barn.count", "barn.paint", "mill.grind"]
    await delete_namespace(address, namespace, handlers, retry=QUICK)


async def _open_again(road: Road) -> None:
    if not road.is_open:
        await road.open()


MakeHarvest = Callable[[], Awaitable[Database]]


@pytest_asyncio.fixture
async def make_harvest(postgres: Server) -> AsyncIterator[MakeHarvest]:
    """`await make_harvest()`: an empty database of the harvest domain."""
    made: list[Database] = []

    async def make() -> Database:
        name = f"harvest_{secrets.token_hex(6)}"
        await postgres.execute(f'CREATE DATABASE "{name}"')
        url = make_url(postgres.admin_url).set(database=name)
        database = Database(url.render_as_string(hide_password=False), name="test-harvest")
        made.append(database)
        async with database.engine.begin() as connection:
            await connection.run_sync(HarvestBase.metadata.create_all)
        return database

    yield make
    for database in made:
        await database.close()
        await postgres.execute(f'DROP DATABASE "{make_url(database.url).database}" WITH (FORCE)')


@pytest_asyncio.fixture
async def database(make_harvest: MakeHarvest) -> Database:
    return await make_harvest()


@dataclass
class World:
    """A domain that listens to itself: everything an event passes on its way, in one place."""

    database: Database
    transport: Transport
    _stack: AsyncExitStack = field(repr=False)

    async def react(self, reactions: Reactions, *, concurrency: int = 4) -> Consumer:
        consumer = Consumer(reactions, self.database, self.transport, concurrency=concurrency)
        await consumer.start()
        self._stack.push_async_callback(consumer.stop)
        return consumer

    async def relay(self) -> Relay:
        relay = Relay("harvest", self.database, self.transport)
        await relay.start()
        self._stack.push_async_callback(relay.stop)
        return relay

    async def all_delivered(self) -> None:
        assert await quiesced([self.database], self.transport, deadline_s=DEADLINE_S), "not quiet in time"

    async def dead_letters(self) -> list[DeadLetter]:
        return [letter async for letter in self.transport.dead_letters.list()]


@pytest_asyncio.fixture
async def world(broker: Broker, database: Database) -> AsyncIterator[World]:
    transport = await broker.transport()
    async with AsyncExitStack() as stack:
        yield World(database, transport, stack)
        await _open_again(broker.road)


Logs = list[MutableMapping[str, Any]]


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Logs:
    """What messaging logs from here on. (`structlog.testing.capture_logs` misses loggers that are cached.)"""
    capture = structlog.testing.LogCapture()
    for module in ("consumer", "relay", "transport", "rabbitmq.subscription"):
        logger = structlog.wrap_logger(None, processors=[capture])
        monkeypatch.setattr(f"subgraphs.shared.messaging.{module}.log", logger)
    return capture.entries


async def until(condition: Callable[[], Awaitable[bool]], *, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a fact; fail when it does not come true in time."""
    async with asyncio.timeout(deadline_s):
        while not await condition():  # noqa: ASYNC110  # the fact is in another process or in a database
            await asyncio.sleep(0.01)
