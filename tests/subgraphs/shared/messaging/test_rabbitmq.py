"""What only RabbitMQ has: messages from strangers, and queues declared as they must be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelPreconditionFailed
from sqlalchemy import select

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport, subscription
from subgraphs.shared.messaging.reactions import Delivery, NotYet, Reactions
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.messaging.transport import Binding, Message, Outcome, Retry, Settled
from tests.fixtures.databases import Server
from tests.fixtures.rabbitmq import Stopped
from tests.subgraphs.shared.messaging.conftest import Broker, Logs, World, make_rabbitmq, until
from tests.subgraphs.shared.messaging.harvest import FieldReaped, FieldSown, a_barn, keep, numbers_kept, reap, sow


@pytest_asyncio.fixture
async def broker(postgres: Server) -> AsyncIterator[Broker]:
    async for made in make_rabbitmq(postgres):
        yield made


@pytest_asyncio.fixture
async def channel(broker: Broker) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(broker.url) as connection:
        yield await connection.channel()


@pytest.mark.parametrize("body", [b"", b"not json", b"\x00\xff", b"{}"])
async def test_a_strangers_message_is_buried_and_the_queue_goes_on(
    world: World, broker: Broker, channel: AbstractChannel, body: bytes
) -> None:
    await world.react(a_barn())
    exchange = await channel.get_exchange(f"{broker.namespace}.events")
    await exchange.publish(aio_pika.Message(body), FieldSown.type)
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]
    [letter] = await world.dead_letters()
    assert (letter.queue, letter.attempts, letter.body) == ("barn.store", 1, body)
    assert letter.reason.startswith("malformed: ")
    assert await world.transport.dead_letters.purge(ids=frozenset({letter.id})) == 1


async def test_a_message_says_who_it_is_without_being_opened(
    world: World, broker: Broker, channel: AbstractChannel
) -> None:
    await world.transport.declare(a_barn().bindings())
    [event] = await sow(world.database, 1)
    await world.transport.publish([event])
    message = await (await channel.get_queue(f"{broker.namespace}.barn.store")).get()
    assert message is not None
    assert (message.message_id, message.type, message.routing_key) == (str(event.id), event.type, event.type)
    assert (message.content_type, message.delivery_mode) == ("application/cloudevents+json", 2)
    assert (message.correlation_id, message.app_id, message.body) == (
        event.correlation_id,
        "harvest",
        event.encode(),
    )
    await message.ack()


async def test_of_a_batch_none_waits_until_the_socket_has_taken_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.transport.declare(a_barn().bindings())
    events = [Event.of(FieldSown(field="north", number=number)) for number in range(4)]
    await world.transport.publish(events[:1])
    assert isinstance(world.transport, RabbitMQTransport)
    assert world.transport._channel is not None
    channel = await world.transport._channel.get_underlay_channel()
    written, held = channel.write_queue, asyncio.Queue[Any]()
    monkeypatch.setattr(channel, "write_queue", held)
    publishing = asyncio.create_task(world.transport.publish(events[1:]))

    async def all_are_held() -> bool:
        return held.qsize() == 3

    await until(all_are_held)
    while not held.empty():
        await written.put(held.get_nowait())
    await publishing
    assert (await world.transport.pending()).ready == 4


@pytest.mark.parametrize("queue", ["barn.store", "retry.20ms"])
async def test_queues_are_replicated_and_lose_nothing_that_dies_in_them(
    world: World, broker: Broker, queue: str
) -> None:
    await world.transport.declare(a_barn().bindings())
    careless = {"x-queue-type": "quorum", "x-dead-letter-exchange": ""}
    async with await aio_pika.connect(broker.url) as connection:
        other = await connection.channel()
        with pytest.raises(ChannelPreconditionFailed, match="x-"):
            await other.declare_queue(f"{broker.namespace}.{queue}", durable=True, arguments=careless)


async def test_platforms_on_one_broker_do_not_hear_each_other(world: World, broker: Broker) -> None:
    await world.transport.declare(a_barn().bindings())
    assert isinstance(world.transport, RabbitMQTransport)
    mine = set(world.transport.topology.all_queues(["barn.store"]))
    other = RabbitMQTransport(broker.url, namespace="other").topology
    assert mine.isdisjoint(other.all_queues(["barn.store"]))
    assert other.events != world.transport.topology.events


async def test_a_deleted_queue_is_declared_again_and_loses_nothing_that_is_published_after_it(
    world: World, broker: Broker, channel: AbstractChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Once in some hundred runs the relay makes the queue again while it is still being deleted, and RabbitMQ forgets
    # the consumer: what then mends it need not take half a minute here.
    monkeypatch.setattr(subscription, "ASK_SECONDS", 1.0)
    reactions = a_barn()
    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    await channel.queue_delete(f"{broker.namespace}.barn.store")
    await sow(world.database, 2, 3, 4, 5, 6)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1, 2, 3, 4, 5, 6]


async def test_a_consumer_that_rabbitmq_has_forgotten_consumes_anew(
    world: World, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "ASK_SECONDS", 0.05)
    await world.react(a_barn())
    await sow(world.database, 1)
    await world.relay()
    await world.all_delivered()
    assert isinstance(world.transport, RabbitMQTransport)
    [consumer] = world.transport._subscriptions
    assert consumer.channel is not None
    await (await consumer.channel.get_underlay_channel()).basic_cancel(consumer._consumer_tag)
    await sow(world.database, 2, 3)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1, 2, 3]
    assert "messages wait and none comes; it is consumed anew" in [line["event"] for line in logs]


async def test_a_deleted_queue_that_nobody_consumes_is_declared_by_who_publishes(
    world: World, broker: Broker, channel: AbstractChannel
) -> None:
    await world.transport.declare(a_barn().bindings())
    await channel.queue_delete(f"{broker.namespace}.barn.store")
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    assert (await world.transport.pending()).ready == 1


async def test_an_event_whose_queue_cannot_be_declared_waits_and_holds_up_no_other(
    world: World, broker: Broker, channel: AbstractChannel, logs: Logs
) -> None:
    reactions = a_barn()

    @reactions.on(FieldReaped)
    async def count(delivery: Delivery[FieldReaped]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)

    await world.transport.declare(reactions.bindings())
    name = f"{broker.namespace}.barn.store"
    await channel.queue_delete(name)
    await channel.declare_queue(name, durable=False)  # not as we would make it, and bound to nothing
    relay = await world.relay()
    await sow(world.database, 1, 2)
    await reap(world.database, 3, field="south")

    async def only_the_others_are_sent() -> bool:
        async with world.database.begin() as session:
            unsent = select(OutboxRow.type).where(OutboxRow.sent_at.is_(None))
            return relay.health.refused_types != () and list(await session.scalars(unsent)) == [FieldSown.type] * 2

    await until(only_the_others_are_sent)
    assert relay.health.refused_types == (FieldSown.type,)
    assert (await world.transport.pending()).ready == 1
    await channel.queue_delete(name)
    await world.react(reactions)
    await world.all_delivered()
    assert sorted(await numbers_kept(world.database)) == [1, 2, 3]
    assert relay.health.refused_types == ()
    told = [entry["event"] for entry in logs if entry.get("event_type") == FieldSown.type]
    assert told == ["the broker refuses an event; it waits", "the broker takes these events again"]


async def test_exchange_and_tiers_that_were_deleted_are_declared_again(
    world: World, broker: Broker, channel: AbstractChannel
) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        if delivery.attempt == 1 and delivery.payload.number == 2:
            raise NotYet("it has to pass a tier")
        async with delivery.begin() as session:
            keep(session, delivery)

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    await channel.exchange_delete(f"{broker.namespace}.events")
    await channel.exchange_delete(f"{broker.namespace}.retry.20ms")
    await channel.queue_delete(f"{broker.namespace}.retry.20ms")
    await sow(world.database, 2)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1, 2]


async def test_what_is_put_off_counts_until_it_is_received_again(
    world: World, broker: Broker, channel: AbstractChannel
) -> None:
    put_off = asyncio.Event()

    async def put_it_off(_: Message) -> Outcome:
        put_off.set()
        return Retry(0.05)

    await world.transport.declare(a_barn().bindings())
    subscription = await world.transport.consume("barn.store", put_it_off, concurrency=1)
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await put_off.wait()
    await subscription.cancel()
    await (await channel.get_queue(f"{broker.namespace}.retry.50ms")).purge()  # as between its end and the queue
    assert (await world.transport.pending()).delayed == 1


@pytest.mark.stops_broker
async def test_a_broker_that_is_stopped_and_started_has_kept_everything(world: World, stopped_broker: Stopped) -> None:
    reactions = a_barn()
    await world.transport.declare(reactions.bindings())
    relay = await world.relay()
    await sow(world.database, *range(50))

    async def half_way() -> bool:
        return (await world.transport.pending()).ready == 50

    await until(half_way)
    async with stopped_broker():
        await sow(world.database, *range(50, 100))
    await world.react(reactions)
    await world.all_delivered()
    assert relay.is_running
    assert sorted(await numbers_kept(world.database)) == list(range(100))


async def test_what_comes_while_a_consumer_of_sets_ends_overtakes_nothing(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = await broker.transport()
    await transport.declare([Binding("barn.store", frozenset({FieldSown.type}))])
    sets: list[list[int]] = []
    gate = asyncio.Event()

    async def take(messages: Sequence[Message]) -> list[Outcome]:
        sets.append([Event.decode(message.body).data["number"] for message in messages])
        await gate.wait()
        return [Settled()] * len(messages)

    async def send(number: int) -> None:
        received = (await transport.pending()).received
        await transport.publish([Event.of(FieldSown(field="north", number=number))])

        async def has_come() -> bool:
            return (await transport.pending()).received == received + 1

        await until(has_come)

    first = await transport.consume_batches("barn.store", take, batch_max=50)
    await send(0)
    await send(1)
    end = subscription.end

    async def end_later(*tasks: Any) -> None:
        await send(2)
        gate.set()
        await end(*tasks)

    with monkeypatch.context() as slow:
        slow.setattr(subscription, "end", end_later)
        await first.cancel()
    assert sets == [[0]]
    await transport.consume_batches("barn.store", take, batch_max=50)

    async def all_taken() -> bool:
        return [number for numbers in sets for number in numbers] == [0, 1, 2]

    await until(all_taken)
