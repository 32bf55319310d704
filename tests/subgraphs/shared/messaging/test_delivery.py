"""From a recorded fact to its effect, on every transport."""

import asyncio
from collections import Counter

from subgraphs.shared.correlation import correlation_id, traceparent
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.outbox import record
from subgraphs.shared.messaging.reactions import Delivery, NotYet, Reactions
from subgraphs.shared.messaging.transport import Binding
from tests.subgraphs.shared.messaging.conftest import Logs, World
from tests.subgraphs.shared.messaging.harvest import FieldBurnt, FieldReaped, FieldSown, a_barn, keep, numbers_kept, sow


async def test_a_committed_fact_has_its_effect_once(world: World) -> None:
    await world.react(a_barn())
    await world.relay()
    await sow(world.database, 1, 2, 3)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1, 2, 3]


async def test_a_fact_that_was_rolled_back_is_never_told(world: World) -> None:
    await world.react(a_barn())
    await world.relay()
    async with world.database.begin() as session:
        record(session, FieldSown(field="north", number=1))
        await session.flush()
        await session.rollback()
    await sow(world.database, 2)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [2]


async def test_every_handler_of_a_type_gets_the_event(world: World) -> None:
    reactions = a_barn()
    counted: list[int] = []

    @reactions.on(FieldSown)
    async def count(delivery: Delivery[FieldSown]) -> None:
        counted.append(delivery.payload.number)

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 7)
    await world.all_delivered()
    assert (await numbers_kept(world.database), counted) == ([7], [7])


async def test_a_handler_of_several_types_keeps_their_order(world: World) -> None:
    reactions = Reactions("barn")
    seen: list[EventPayload] = []

    @reactions.on(FieldSown, FieldReaped)
    async def store(delivery: Delivery[FieldSown | FieldReaped]) -> None:
        seen.append(delivery.payload)

    await world.react(reactions)
    await world.relay()
    facts = [
        FieldSown(field="north", number=1),
        FieldReaped(field="north", number=2),
        FieldSown(field="north", number=3),
    ]
    async with world.database.begin() as session:
        for fact in facts:
            record(session, fact)
    await world.all_delivered()
    assert seen == facts


async def test_events_of_one_subject_stay_in_order_while_subjects_run_side_by_side(world: World) -> None:
    reactions = Reactions("barn")
    seen: dict[str, list[int]] = {"north": [], "south": []}
    both_at_once = asyncio.Event()
    running: Counter[str] = Counter()

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        field, number = delivery.payload.field, delivery.payload.number
        running[field] += 1
        assert running[field] == 1
        if running["north"] and running["south"]:
            both_at_once.set()
        if number == 0:  # the first of each waits until the other field's is running too
            async with asyncio.timeout(20):
                await both_at_once.wait()
        seen[field].append(number)
        running[field] -= 1

    await world.react(reactions, concurrency=8)
    await world.relay()
    async with world.database.begin() as session:
        for number in range(50):
            record(session, FieldSown(field="north", number=number))
            record(session, FieldSown(field="south", number=number))
    await world.all_delivered()
    assert seen == {"north": list(range(50)), "south": list(range(50))}


async def test_the_same_event_published_twice_is_handled_once(world: World) -> None:
    await world.react(a_barn())
    [event] = await sow(world.database, 1)
    await world.transport.publish([event])
    await world.transport.publish([event, event])
    await world.relay()
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]


async def test_copies_handled_at_the_same_time_have_one_effect(world: World) -> None:
    reactions = Reactions("barn")
    inside = asyncio.Event()
    go_on = asyncio.Event()

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)
            inside.set()
            await go_on.wait()

    # Two consumers, so that no lane of one of them keeps the copies apart.
    await world.react(reactions)
    await world.react(reactions)
    event = Event.of(FieldSown(field="north", number=1))
    await world.transport.publish([event, event])
    async with asyncio.timeout(20):
        await inside.wait()
    go_on.set()
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]


async def test_consumers_side_by_side_share_a_queue_without_doubles(world: World) -> None:
    await world.react(a_barn())
    await world.react(a_barn())
    await world.relay()
    for first in range(0, 120, 20):
        await sow(world.database, *range(first, first + 20), field=f"field {first}")
    await world.all_delivered()
    assert sorted(await numbers_kept(world.database)) == list(range(120))


async def test_a_failing_handler_is_tried_again_and_its_half_done_work_is_undone(world: World) -> None:
    reactions = Reactions("barn")
    attempts: list[int] = []

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        attempts.append(delivery.attempt)
        async with delivery.begin() as session:
            keep(session, delivery)
            await session.flush()
            if delivery.attempt < 3:
                raise ConnectionError("the barn is locked")

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    assert attempts == [1, 2, 3]
    assert await numbers_kept(world.database) == [1]
    assert await world.dead_letters() == []


async def test_a_failing_event_does_not_hold_up_the_others(world: World) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        if delivery.payload.number == 1:
            raise ConnectionError("the barn is locked")
        async with delivery.begin() as session:
            keep(session, delivery)

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1, 2, 3)
    await world.all_delivered()
    assert await numbers_kept(world.database) == [2, 3]
    [letter] = await world.dead_letters()
    assert (letter.queue, letter.reason, letter.attempts) == (
        "barn.store",
        "ConnectionError: the barn is locked",
        3,
    )
    assert Event.decode(letter.body).data == {"field": "north", "number": 1}


async def test_an_event_that_comes_too_early_waits_for_the_one_it_needs(world: World, logs: Logs) -> None:
    reactions = Reactions("barn")
    reaped = asyncio.Event()
    attempts: list[int] = []

    @reactions.on(FieldReaped)
    async def store(delivery: Delivery[FieldReaped]) -> None:
        attempts.append(delivery.attempt)
        if len(await numbers_kept(world.database)) == 0:
            reaped.set()
            raise NotYet("not sown")

    @reactions.on(FieldSown)
    async def count(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)

    await world.react(reactions)
    await world.relay()
    async with world.database.begin() as session:
        record(session, FieldReaped(field="north", number=1))
    async with asyncio.timeout(20):
        await reaped.wait()
    await sow(world.database, 1)
    await world.all_delivered()
    assert attempts[0] == 1
    assert attempts[-1] >= 2
    assert await world.dead_letters() == []
    assert [entry for entry in logs if entry["log_level"] in ("warning", "error")] == []


async def test_waiting_for_an_earlier_fact_ends_too(world: World) -> None:
    reactions = Reactions("barn")
    attempts: list[int] = []

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        attempts.append(delivery.attempt)
        raise NotYet("the field is not ploughed")

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    assert attempts == [1, 2, 3, 4, 5, 6]
    [letter] = await world.dead_letters()
    assert (letter.reason, letter.attempts) == ("NotYet: the field is not ploughed", 6)


async def test_an_event_nobody_listens_to_is_sent_and_said_once(world: World, logs: Logs) -> None:
    await world.react(a_barn())
    await world.relay()
    async with world.database.begin() as session:
        record(session, FieldBurnt(field="north"))
        record(session, FieldBurnt(field="south"))
    await world.all_delivered()
    unheard = [entry for entry in logs if entry["event"] == "nobody listens to this event"]
    assert unheard == [
        {"event": "nobody listens to this event", "event_type": "harvest.field_burnt.v1", "log_level": "info"}
    ]


async def test_a_queue_keeps_events_for_a_consumer_that_is_not_running(world: World) -> None:
    await world.transport.declare([Binding("barn.store", frozenset({FieldSown.type}))])
    await world.relay()
    await sow(world.database, 1, 2)
    await world.react(a_barn())
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1, 2]


async def test_declaring_again_changes_nothing(world: World) -> None:
    bindings = [Binding("barn.store", frozenset({FieldSown.type, FieldReaped.type}))]
    await world.transport.declare(bindings)
    await world.transport.publish([Event.of(FieldSown(field="north", number=1))])
    await world.transport.declare(bindings)
    assert (await world.transport.pending()).ready == 1
    await world.react(a_barn())
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]


async def test_a_reaction_continues_the_request_that_caused_it(world: World) -> None:
    reactions = Reactions("barn")
    seen: list[tuple[str | None, str | None]] = []

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            record(session, FieldReaped(field="north", number=1))

    @reactions.on(FieldReaped)
    async def count(delivery: Delivery[FieldReaped]) -> None:
        seen.append((correlation_id.get(), traceparent.get()))

    await world.react(reactions)
    await world.relay()
    correlation = correlation_id.set("request-1234")
    trace = traceparent.set("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    try:
        await sow(world.database, 1)
    finally:
        correlation_id.reset(correlation)
        traceparent.reset(trace)
    await world.all_delivered()
    [(seen_correlation, seen_trace)] = seen
    assert seen_correlation == "request-1234"
    assert seen_trace is not None
    assert seen_trace.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert seen_trace.split("-")[2] != "00f067aa0ba902b7"


async def test_a_delivery_has_one_transaction(world: World) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)
        async with delivery.begin() as session:
            keep(session, delivery)

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1)
    await world.all_delivered()
    # The first transaction stands, and the retry learns from the inbox that the work is done.
    assert await numbers_kept(world.database) == [1]
    assert await world.dead_letters() == []
