"""What only the embedded transport has: leases, and telling the dead from the living."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
import pytest_asyncio

from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.transport import Binding, Message, Outcome, Settled
from tests.fixtures.databases import Server
from tests.subgraphs.shared.messaging.conftest import Broker, make_embedded, until
from tests.subgraphs.shared.messaging.harvest import FieldSown

SOWN = Binding("barn.store", frozenset({FieldSown.type}))


@pytest_asyncio.fixture
async def broker(postgres: Server) -> AsyncIterator[Broker]:
    async for made in make_embedded(postgres):
        yield made


@pytest_asyncio.fixture
async def tables(broker: Broker) -> AsyncIterator[asyncpg.Connection]:
    """A connection that looks at the broker's rows."""
    await broker.transport()
    connection = await asyncpg.connect(broker.url)
    yield connection
    await connection.close()


async def a_leased_message(broker: Broker, tables: asyncpg.Connection, *, owner: int, seconds: float) -> Event:
    """An event on `barn.store` that *owner* has leased."""
    transport = await broker.transport()
    await transport.declare([SOWN])
    event = Event.of(FieldSown(field="north", number=1))
    await transport.publish([event])
    await tables.execute(
        "UPDATE message SET owner = $1, leased_until = now() + make_interval(secs => $2), deliveries = 1",
        owner,
        seconds,
    )
    return event


async def received_by(transport: EmbeddedTransport) -> Message:
    """The first message that a new subscription gets."""
    got: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    async def take(message: Message) -> Outcome:
        got.set_result(message)
        return Settled()

    await transport.consume("barn.store", take, concurrency=1)
    return await asyncio.wait_for(got, 20)


async def test_the_lease_of_a_dead_owner_ends_when_somebody_connects(
    broker: Broker, tables: asyncpg.Connection
) -> None:
    event = await a_leased_message(broker, tables, owner=4711, seconds=3600)
    message = await received_by(await broker.transport())
    assert Event.decode(message.body) == event


async def test_the_lease_of_a_living_owner_is_respected_until_it_ends(
    broker: Broker, tables: asyncpg.Connection
) -> None:
    await tables.execute("SELECT pg_advisory_lock(4711)")
    event = await a_leased_message(broker, tables, owner=4711, seconds=0.4)
    leased_until = await tables.fetchval("SELECT leased_until FROM message")
    message = await received_by(await broker.transport())
    assert Event.decode(message.body) == event
    assert await tables.fetchval("SELECT clock_timestamp() >= $1", leased_until)


async def test_a_lease_is_renewed_while_its_handler_works(broker: Broker, tables: asyncpg.Connection) -> None:
    transport = await broker.transport(lease_s=1.5)
    await transport.declare([SOWN])
    started, go_on = asyncio.Event(), asyncio.Event()
    deliveries: list[Message] = []

    async def work(message: Message) -> Outcome:
        deliveries.append(message)
        started.set()
        await go_on.wait()
        return Settled()

    await transport.consume("barn.store", work, concurrency=2)
    await transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await started.wait()
    first = await tables.fetchval("SELECT leased_until FROM message")

    async def first_lease_is_over() -> bool:
        over = await tables.fetchval(
            "SELECT clock_timestamp() > $1 AND leased_until > clock_timestamp() FROM message", first
        )
        return bool(over)

    async def is_settled() -> bool:
        return await tables.fetchval("SELECT count(*) FROM message") == 0

    await until(first_lease_is_over)
    go_on.set()
    await until(is_settled)
    assert len(deliveries) == 1


async def test_who_lost_the_lease_settles_nothing(broker: Broker, tables: asyncpg.Connection) -> None:
    transport = await broker.transport()
    await transport.declare([SOWN])
    started, go_on = asyncio.Event(), asyncio.Event()

    async def work(_: Message) -> Outcome:
        started.set()
        await go_on.wait()
        return Settled()

    subscription = await transport.consume("barn.store", work, concurrency=1)
    await transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await started.wait()
    await tables.execute("UPDATE message SET owner = 4711, deliveries = deliveries + 1")
    go_on.set()
    await subscription.cancel()
    assert await tables.fetchval("SELECT count(*) FROM message") == 1


async def test_a_subscription_that_ends_gives_back_what_it_has_not_finished(
    broker: Broker, tables: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subgraphs.shared.messaging.embedded.subscription.STOP_SECONDS_MAX", 0)
    transport = await broker.transport()
    await transport.declare([SOWN])
    started = asyncio.Event()

    async def work(_: Message) -> Outcome:
        started.set()
        await asyncio.Event().wait()
        return Settled()

    subscription = await transport.consume("barn.store", work, concurrency=1)
    await transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await started.wait()
    await subscription.cancel()
    assert await tables.fetchval("SELECT owner IS NULL AND leased_until IS NULL FROM message")


async def test_processes_that_start_together_make_the_tables_once(broker: Broker) -> None:
    transports = [EmbeddedTransport(broker.url) for _ in range(5)]
    await asyncio.gather(*(transport.start() for transport in transports))
    health = await asyncio.gather(*(transport.health() for transport in transports))
    assert [answer.connected for answer in health] == [True] * 5
    await asyncio.gather(*(transport.stop() for transport in transports))


async def test_a_type_no_longer_bound_is_no_longer_delivered(broker: Broker) -> None:
    transport = await broker.transport()
    await transport.declare([SOWN])
    await transport.declare([Binding("barn.store", frozenset({"harvest.field_reaped.v1"}))])
    await transport.publish([Event.of(FieldSown(field="north", number=1))])
    assert (await transport.pending()).total == 0


async def test_a_set_that_a_consumer_died_with_comes_again_one_by_one(
    broker: Broker, tables: asyncpg.Connection
) -> None:
    transport = await broker.transport()
    seen: list[list[tuple[bytes, bool]]] = []

    async def take(messages: Sequence[Message]) -> list[Outcome]:
        seen.append([(message.body, message.redelivered) for message in messages])
        return [Settled()] * len(messages)

    await tables.execute(
        "INSERT INTO message (queue, message_id, body, deliveries) SELECT 'barn.store', gen_random_uuid(), body::bytea,"
        " deliveries FROM (VALUES ('a', 1), ('b', 1), ('c', 0), ('d', 0)) AS given (body, deliveries)"
    )
    await transport.consume_batches("barn.store", take, batch_max=50)

    async def all_settled() -> bool:
        return await tables.fetchval("SELECT count(*) FROM message") == 0

    await until(all_settled)
    assert seen == [[(b"a", True)], [(b"b", True)], [(b"c", False), (b"d", False)]]


async def test_nothing_is_asked_of_the_server_to_give_a_connection_back(
    broker: Broker, tables: asyncpg.Connection
) -> None:
    transport = await broker.transport()
    await transport.publish([Event.of(FieldSown(field="north", number=1))])
    last = await tables.fetch("SELECT query FROM pg_stat_activity WHERE application_name = 'peerseed messages'")
    assert last
    assert [row["query"] for row in last if "pg_advisory_unlock_all" in row["query"]] == []
