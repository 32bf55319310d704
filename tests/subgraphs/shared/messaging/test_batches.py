"""What waits together is handled together, on every transport: all of it once, or each as if alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.availability import Unavailable
from subgraphs.shared.correlation import correlation_id
from subgraphs.shared.messaging import consumer as consumer_module
from subgraphs.shared.messaging.consumer import OUTAGE_SECONDS_MAX, Consumer
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.outbox import record
from subgraphs.shared.messaging.reactions import Deliveries, Reactions
from subgraphs.shared.messaging.trace_context import continued_from
from subgraphs.shared.messaging.transport import Message, Retry
from tests.subgraphs.shared.messaging.conftest import Broker, World, until
from tests.subgraphs.shared.messaging.harvest import FieldReaped, FieldSown, keep, numbers_kept, sow


@dataclass
class SetBarn:
    """Keeps every number once, in sets; the first set waits at the gate while others gather behind it."""

    refused: frozenset[int] = frozenset()
    sets: list[list[int]] = field(default_factory=list)
    """What the handler was called with."""
    inside: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reactions: Reactions = field(default_factory=lambda: Reactions("barn"))

    def __post_init__(self) -> None:
        @self.reactions.on_many(FieldSown)
        async def store(session: AsyncSession, deliveries: Deliveries[FieldSown]) -> None:
            numbers = [delivery.payload.number for delivery in deliveries]
            self.sets.append(numbers)
            for delivery in deliveries:
                keep(session, delivery)
            await session.flush()
            if refused := self.refused & set(numbers):
                raise RuntimeError(f"no room for {sorted(refused)}")
            self.inside.set()
            await self.gate.wait()


async def gather_behind(world: World, broker: Broker, barn: SetBarn, events: Sequence[Event]) -> None:
    """Have *events* wait for the barn while it is busy with number 0, and let it go on then."""
    await world.transport.publish([Event.of(FieldSown(field="first", number=0))])
    async with asyncio.timeout(20):
        await barn.inside.wait()
    received = (await world.transport.pending()).received
    await world.transport.publish(events)

    async def all_wait() -> bool:
        pending = await world.transport.pending()
        if broker.kind == "rabbitmq":
            return pending.received == received + len(events)
        return pending.ready == len(events)

    await until(all_wait)
    barn.gate.set()
    await world.all_delivered()


def sown(*numbers: int) -> list[Event]:
    return [Event.of(FieldSown(field=f"field {number}", number=number)) for number in numbers]


async def test_what_waits_is_handled_in_one_transaction_in_the_order_of_the_queue(world: World, broker: Broker) -> None:
    barn = SetBarn()
    await world.react(barn.reactions)
    await gather_behind(world, broker, barn, sown(*range(1, 31)))
    assert barn.sets == [[0], list(range(1, 31))]
    assert await numbers_kept(world.database) == list(range(31))


async def test_only_what_is_new_is_handled(world: World, broker: Broker) -> None:
    barn = SetBarn()
    again, twice, once = sown(1, 2, 3)
    barn.gate.set()
    await world.react(barn.reactions)
    await world.transport.publish([again])
    await world.all_delivered()
    assert barn.sets == [[1]]
    barn.gate.clear()
    barn.inside.clear()
    await gather_behind(world, broker, barn, [again, twice, twice, once])
    assert barn.sets == [[1], [0], [2, 3]]
    assert await numbers_kept(world.database) == [1, 0, 2, 3]


async def test_a_failure_undoes_the_set_and_each_goes_alone(world: World, broker: Broker) -> None:
    barn = SetBarn(refused=frozenset({13}))
    await world.react(barn.reactions)
    await gather_behind(world, broker, barn, sown(*range(11, 16)))
    assert barn.sets[:2] == [[0], [11, 12, 13, 14, 15]]
    assert sorted(barn.sets[2:]) == [[11], [12], [13], [13], [13], [14], [15]]
    assert sorted(await numbers_kept(world.database)) == [0, 11, 12, 14, 15]
    (letter,) = await world.dead_letters()
    assert (letter.queue, letter.attempts, letter.reason) == ("barn.store", 3, "RuntimeError: no room for [13]")


async def test_what_cannot_be_read_spoils_nothing_for_those_beside_it(world: World, broker: Broker) -> None:
    barn = SetBarn()
    unreadable = Event(
        id=sown(0)[0].id, type=FieldSown.type, source="harvest", subject="x", time=sown(0)[0].time, data={"field": "x"}
    )
    await world.react(barn.reactions)
    await gather_behind(world, broker, barn, [*sown(1), unreadable, *sown(2)])
    assert barn.sets == [[0], [1, 2]]
    assert [letter.queue for letter in await world.dead_letters()] == ["barn.store"]


async def test_a_set_larger_than_one_batch_is_handled_in_several(world: World, broker: Broker) -> None:
    barn = SetBarn()
    barn.gate.set()
    await world.transport.declare(barn.reactions.bindings())
    await world.transport.publish(sown(*range(120)))
    await world.react(barn.reactions)
    await world.all_delivered()
    assert [number for each in barn.sets for number in each] == list(range(120))
    assert max(map(len, barn.sets)) <= 50
    assert await numbers_kept(world.database) == list(range(120))


async def test_facts_that_a_set_leads_to_are_told_under_their_own_causes(world: World) -> None:
    heard: dict[int, str | None] = {}
    reactions = Reactions("barn")

    @reactions.on_many(FieldSown)
    async def store(session: AsyncSession, deliveries: Deliveries[FieldSown]) -> None:
        for delivery in deliveries:
            with continued_from(delivery.event):
                record(session, FieldReaped(field="x", number=delivery.payload.number))

    @reactions.on_many(FieldReaped)
    async def count(_session: AsyncSession, deliveries: Deliveries[FieldReaped]) -> None:
        heard.update({delivery.payload.number: delivery.event.correlation_id for delivery in deliveries})

    await world.transport.declare(reactions.bindings())
    for number in range(5):
        token = correlation_id.set(f"request {number}")
        await sow(world.database, number, field=f"field {number}")
        correlation_id.reset(token)
    await world.relay()
    await world.react(reactions)
    await world.all_delivered()
    assert heard == {number: f"request {number}" for number in range(5)}


class Absent:
    """A database that is away; how often it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    @asynccontextmanager
    async def begin(self, *_: Any) -> AsyncIterator[AsyncSession]:
        self.asked += 1
        raise Unavailable("away")
        yield


async def test_a_batch_waits_for_its_database_no_longer_than_one_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    barn, absent, loop = SetBarn(), Absent(), asyncio.get_running_loop()
    real, later = loop.time, 0.0

    def wait_out(_outages: int) -> float:
        nonlocal later
        later += OUTAGE_SECONDS_MAX + 1
        return 0.0

    monkeypatch.setattr(loop, "time", lambda: real() + later)
    monkeypatch.setattr(consumer_module, "backoff_s", wait_out)
    (reaction,) = barn.reactions
    consumer = Consumer(barn.reactions, absent, world.transport)  # type: ignore[arg-type]  # all that is asked of it
    messages = [Message(queue=reaction.queue, body=event.encode(), attempt=1) for event in sown(*range(8))]
    outcomes = await consumer._handle_batch(reaction, messages)
    assert [type(outcome) for outcome in outcomes] == [Retry] * 8
    # Together, then the first waits, by which time is up: it and the others are asked about once more.
    assert absent.asked == 1 + 1 + 8


async def test_what_is_taken_singly_goes_alone_and_what_follows_it_of_its_subject(world: World, broker: Broker) -> None:
    sets: list[list[str]] = []
    inside, gate = asyncio.Event(), asyncio.Event()
    reactions = Reactions("barn")

    @reactions.on_many(FieldSown, FieldReaped, singly=[FieldReaped])
    async def store(_session: AsyncSession, deliveries: Deliveries[FieldSown | FieldReaped]) -> None:
        sets.append([f"{delivery.event.type.split('.')[1]} {delivery.payload.number}" for delivery in deliveries])
        inside.set()
        await gate.wait()

    await world.react(reactions)
    waiting = [FieldSown(field="a", number=1), FieldReaped(field="b", number=2), FieldSown(field="c", number=3)]
    events = [Event.of(fact) for fact in (*waiting, FieldSown(field="b", number=4), FieldSown(field="d", number=5))]
    await gather_behind(world, broker, SetBarn(inside=inside, gate=gate), events)
    alone = sets[2:]
    assert sets[:2] == [["field_sown 0"], ["field_sown 1", "field_sown 3", "field_sown 5"]]
    assert alone == [["field_reaped 2"], ["field_sown 4"]]
