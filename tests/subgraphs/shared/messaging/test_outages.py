"""Brokers and databases that go away and come back, on every transport."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from itertools import count

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from subgraphs.shared.database import Database
from subgraphs.shared.messaging import consumer as consumer_module
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.messaging.transport import (
    UNSETTLED,
    Binding,
    Message,
    Outcome,
    Settled,
    Transport,
    TransportUnavailable,
)
from tests.subgraphs.shared.messaging.conftest import Broker, Logs, World, until
from tests.subgraphs.shared.messaging.harvest import FieldSown, a_barn, keep, numbers_kept, sow
from tests.subgraphs.shared.messaging.network import Road


async def unsent(database: Database) -> int:
    async with database.begin() as session:
        return await session.scalar(select(func.count()).where(OutboxRow.sent_at.is_(None))) or 0


async def test_facts_recorded_while_the_broker_is_away_are_told_when_it_returns(world: World, broker: Broker) -> None:
    await world.react(a_barn())
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    await broker.road.cut()
    await sow(world.database, 2, 3)
    with pytest.raises(TransportUnavailable):
        await world.transport.publish([Event.of(FieldSown(field="north", number=99))])
    assert await unsent(world.database) == 2
    await broker.road.open()
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1, 2, 3]


async def test_health_says_whether_the_broker_is_there(world: World, broker: Broker) -> None:
    await world.react(a_barn())

    async def connected() -> bool:
        return (await world.transport.health()).connected

    async def disconnected() -> bool:
        return not await connected()

    await until(connected)
    await broker.road.cut()
    await until(disconnected)
    await broker.road.open()
    await until(connected)
    assert (await world.transport.health()).transport == broker.kind


async def test_without_a_broker_starting_says_so(broker: Broker) -> None:
    await broker.road.cut()
    with pytest.raises(TransportUnavailable):
        await broker.transport()


async def test_an_outage_is_told_when_it_begins_and_when_it_ends(world: World, broker: Broker, logs: Logs) -> None:
    await world.react(a_barn())
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    logs.clear()
    await broker.road.cut()
    await sow(world.database, 2)

    async def tried_often() -> bool:
        with suppress(TransportUnavailable):
            await world.transport.publish([Event.of(FieldSown(field="north", number=99))])
        return next(tries) == 5

    tries = count(1)
    await until(tried_often)
    await broker.road.open()
    await world.all_delivered()

    async def told_of_three() -> bool:
        return len(logs) >= 3

    await until(told_of_three)
    began, *ended = [(entry["log_level"], entry["event"]) for entry in logs]
    assert began == ("warning", "the broker is away; facts wait for it")
    expected = [("info", "the broker is there"), ("info", "relay sends again")]
    if broker.kind == "embedded":
        # The one is told by the connection that listens, the other by one that sends: either may be back first.
        ended.sort(key=expected.index)
    assert ended == expected


async def test_events_can_be_sent_again_to_one_queue_alone(world: World, broker: Broker) -> None:
    await world.transport.declare(
        [Binding("barn.store", frozenset({FieldSown.type})), Binding("barn.count", frozenset({FieldSown.type}))]
    )
    received: dict[str, list[bytes]] = {"barn.store": [], "barn.count": []}

    async def take(message: Message) -> Outcome:
        received[message.queue].append(message.body)
        return Settled()

    events = [Event.of(FieldSown(field="north", number=number)) for number in (1, 2)]
    await world.transport.send_to("barn.store", events)
    for queue in received:
        await world.transport.consume(queue, take, concurrency=1)
    await world.all_delivered()
    assert received == {"barn.store": [event.encode() for event in events], "barn.count": []}
    with pytest.raises(TransportUnavailable):
        await world.transport.send_to("barn.paint", events)


async def test_a_broker_that_drops_its_connections_again_and_again_loses_and_doubles_nothing(
    world: World, broker: Broker
) -> None:
    await world.react(a_barn())
    await world.relay()
    for first in range(0, 200, 50):
        await sow(world.database, *range(first, first + 50), field=f"field {first}")

        async def has_begun(first: int = first) -> bool:
            return len(await numbers_kept(world.database)) > first

        await until(has_begun)
        await broker.road.cut()
        await broker.road.open()
    await world.all_delivered()
    assert sorted(await numbers_kept(world.database)) == list(range(200))


async def test_a_message_whose_settlement_the_broker_missed_comes_back_without_effect(
    world: World, broker: Broker
) -> None:
    reactions = Reactions("barn")
    inside = asyncio.Event()
    go_on = asyncio.Event()
    deliveries: list[int] = []

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        deliveries.append(delivery.attempt)
        async with delivery.begin() as session:
            keep(session, delivery)
            inside.set()
            await go_on.wait()

    await world.react(reactions)
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await inside.wait()
    await broker.road.cut()
    go_on.set()

    async def kept() -> bool:
        return await numbers_kept(world.database) == [1]

    await until(kept)
    await broker.road.open()
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]
    assert set(deliveries) == {1}


async def test_a_consumer_that_dies_every_time_does_not_keep_a_message_for_ever(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = f"subgraphs.shared.messaging.{broker.kind}"
    limit_module = "topology" if broker.kind == "rabbitmq" else "subscription"
    monkeypatch.setattr(f"{package}.{limit_module}.DELIVERIES_MAX", 3)
    monkeypatch.setattr(f"{package}.subscription.STOP_SECONDS_MAX", 0)
    binding = Binding("barn.store", frozenset({FieldSown.type}))
    event = Event.of(FieldSown(field="north", number=1))
    publisher = await broker.transport()
    await publisher.declare([binding])
    await publisher.publish([event])

    for _ in range(3):
        received = asyncio.Event()

        async def die(_: Message, received: asyncio.Event = received) -> Outcome:
            received.set()
            await asyncio.Event().wait()
            return Settled()

        transport = await broker.transport()
        await transport.consume("barn.store", die, concurrency=1)
        async with asyncio.timeout(20):
            await received.wait()
        await transport.stop()

    async def never(_: Message) -> Outcome:
        raise AssertionError("the message was delivered once too often")

    await publisher.consume("barn.store", never, concurrency=1)

    async def is_dead() -> bool:
        return bool([letter async for letter in publisher.dead_letters.list()])

    await until(is_dead)
    [letter] = [letter async for letter in publisher.dead_letters.list()]
    assert (letter.id, letter.queue, letter.reason) == (f"barn.store/{event.id}", "barn.store", UNSETTLED)
    assert letter.died_at is not None
    assert await publisher.dead_letters.purge(queue="barn.store") == 1


@pytest.mark.parametrize("in_sets", [False, True], ids=["one by one", "in sets"])
async def test_a_message_that_kills_each_consumer_takes_no_neighbour_along(
    in_sets: bool, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = f"subgraphs.shared.messaging.{broker.kind}"
    limit_module = "topology" if broker.kind == "rabbitmq" else "subscription"
    monkeypatch.setattr(f"{package}.{limit_module}.DELIVERIES_MAX", 4)
    monkeypatch.setattr(f"{package}.subscription.STOP_SECONDS_MAX", 0)
    killer = Event.of(FieldSown(field="north", number=3))
    neighbours = [Event.of(FieldSown(field=f"field {number}", number=number)) for number in (1, 2, 4, 5, 6)]
    publisher = await broker.transport()
    await publisher.declare([Binding("barn.store", frozenset({FieldSown.type}))])
    await publisher.publish([*neighbours[:2], killer, *neighbours[2:]])
    settled: set[bytes] = set()

    async def buried() -> set[str]:
        return {letter.id async for letter in publisher.dead_letters.list()}

    async def consume_until_death(transport: Transport, dying: asyncio.Event) -> None:
        async def one(message: Message) -> Outcome:
            if message.body == killer.encode():
                dying.set()
            if dying.is_set():
                await asyncio.Event().wait()
            settled.add(message.body)
            return Settled()

        async def many(messages: Sequence[Message]) -> Sequence[Outcome]:
            if killer.encode() in {message.body for message in messages}:
                dying.set()
            return [await one(message) for message in messages]

        if in_sets:
            await transport.consume_batches("barn.store", many, batch_max=50)
        else:
            await transport.consume("barn.store", one, concurrency=4)

    for _ in range(4):
        transport, dying = await broker.transport(), asyncio.Event()
        await consume_until_death(transport, dying)
        async with asyncio.timeout(20):
            await dying.wait()
        await transport.stop()

    await consume_until_death(publisher, asyncio.Event())

    async def all_is_settled() -> bool:
        return len(settled) >= len(neighbours) and bool(await buried())

    await until(all_is_settled)
    assert await buried() == {f"barn.store/{killer.id}"}
    assert settled == {event.encode() for event in neighbours}
    assert await publisher.dead_letters.purge(queue="barn.store") == 1


@pytest_asyncio.fixture
async def road_to_database(database: Database) -> AsyncIterator[tuple[Road, Database]]:
    """The domain's database, as the consumer sees it, behind a road of its own."""
    target = make_url(database.url)
    road = Road(target.host or "", target.port or 5432)
    await road.open()
    behind = Database(target.set(host="127.0.0.1", port=road.port).render_as_string(hide_password=False))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(road.cut)
        stack.push_async_callback(behind.close)
        yield road, behind


async def test_messages_wait_for_an_absent_database_without_using_up_attempts(
    world: World, road_to_database: tuple[Road, Database]
) -> None:
    road, behind = road_to_database
    reactions = Reactions("barn")
    tries: list[int] = []
    tried_often = asyncio.Event()

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        tries.append(delivery.attempt)
        if len(tries) > 3:  # more than a failing handler is given
            tried_often.set()
        async with delivery.begin() as session:
            keep(session, delivery)

    consumer = Consumer(reactions, behind, world.transport)
    await consumer.start()
    await road.cut()
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    async with asyncio.timeout(20):
        await tried_often.wait()
    await road.open()
    await world.all_delivered()
    await consumer.stop()
    assert await numbers_kept(world.database) == [1]
    assert set(tries) == {1}


async def test_a_connection_lost_inside_the_transaction_is_tried_again(
    world: World, road_to_database: tuple[Road, Database]
) -> None:
    road, behind = road_to_database
    reactions = Reactions("barn")
    tries: list[int] = []

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        tries.append(delivery.attempt)
        async with delivery.begin() as session:
            keep(session, delivery)
            await session.flush()
            if len(tries) == 1:
                await road.cut()
                await road.open()

    consumer = Consumer(reactions, behind, world.transport)
    await consumer.start()
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    await world.all_delivered()
    await consumer.stop()
    assert await numbers_kept(world.database) == [1]
    assert tries == [1, 1]


async def test_a_relay_survives_the_absence_of_its_database(
    world: World, road_to_database: tuple[Road, Database]
) -> None:
    road, behind = road_to_database
    await world.react(a_barn())
    relay = Relay("harvest", behind, world.transport)
    await relay.start()
    await sow(world.database, 1)
    await world.all_delivered()
    await road.cut()
    await sow(world.database, 2)
    await road.open()
    await world.all_delivered()
    assert relay.is_running
    await relay.stop()
    assert await numbers_kept(world.database) == [1, 2]


async def test_a_handler_that_takes_too_long_has_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "HANDLER_SECONDS_MAX", 0.05)
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)
            await session.flush()
            await asyncio.Event().wait()

    await world.react(reactions)
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    await world.all_delivered()
    assert await numbers_kept(world.database) == []
    [letter] = await world.dead_letters()
    assert (letter.reason, letter.attempts) == ("TimeoutError: ", 3)
