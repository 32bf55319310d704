"""What cannot be handled is put aside: kept with its reason, shown, replayed or purged."""

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from tests.subgraphs.shared.messaging.conftest import World
from tests.subgraphs.shared.messaging.harvest import FieldReaped, FieldSown, a_barn, keep, numbers_kept, sow


async def test_a_payload_that_cannot_be_read_is_buried_at_once(world: World) -> None:
    await world.react(a_barn())
    good = Event.of(FieldSown(field="north", number=1))
    bad = Event.of(FieldReaped(field="north", number=2))
    poison = Event(
        id=bad.id,
        type=good.type,
        source="harvest",
        subject="north",
        time=bad.time,
        data={"field": "north", "number": "many"},
    )
    await world.transport.publish([poison, good])
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]
    [letter] = await world.dead_letters()
    assert letter.id == f"barn.store/{bad.id}"
    assert letter.attempts == 1
    assert letter.reason.startswith("malformed: data is not a FieldSown: number: Input should be a valid integer")


async def test_a_dead_letter_is_replayed_as_if_new(world: World) -> None:
    reactions = Reactions("barn")
    locked = True
    attempts: list[int] = []

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        attempts.append(delivery.attempt)
        if locked:
            raise ConnectionError("the barn is locked")
        async with delivery.begin() as session:
            keep(session, delivery)

    await world.react(reactions)
    await world.relay()
    [first, second] = await sow(world.database, 1, 2)
    await world.all_delivered()
    assert {letter.id for letter in await world.dead_letters()} == {
        f"barn.store/{first.id}",
        f"barn.store/{second.id}",
    }
    locked = False
    attempts.clear()
    assert await world.transport.dead_letters.replay(ids=frozenset({f"barn.store/{second.id}"})) == 1
    await world.all_delivered()
    assert attempts == [1]
    assert await numbers_kept(world.database) == [2]
    assert [letter.id for letter in await world.dead_letters()] == [f"barn.store/{first.id}"]


async def test_purging_takes_what_was_named_and_nothing_else(world: World) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(_: Delivery[FieldSown]) -> None:
        raise ConnectionError("the barn is locked")

    @reactions.on(FieldSown)
    async def count(_: Delivery[FieldSown]) -> None:
        raise ConnectionError("nobody can count")

    await world.react(reactions)
    await world.relay()
    [first, second] = await sow(world.database, 1, 2)
    await world.all_delivered()
    letters = world.transport.dead_letters
    assert await letters.purge(ids=frozenset({f"barn.store/{first.id}", "barn.store/unknown"})) == 1
    assert await letters.purge(queue="barn.count") == 2
    assert [letter.id for letter in await world.dead_letters()] == [f"barn.store/{second.id}"]
    assert [letter async for letter in letters.list(queue="barn.count")] == []
    assert await letters.purge() == 1
    assert await world.dead_letters() == []


async def test_reading_dead_letters_again_and_again_leaves_them_there(world: World) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(_: Delivery[FieldSown]) -> None:
        raise ConnectionError("the barn is locked")

    await world.react(reactions)
    await world.relay()
    await sow(world.database, 1, 2, 3)
    await world.all_delivered()
    reads = [len([letter async for letter in world.transport.dead_letters.list(limit=2)]) for _ in range(25)]
    assert reads == [2] * 25
    assert len(await world.dead_letters()) == 3
