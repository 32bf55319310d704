"""Copies of other domains' things: what is newest stays, whatever comes when."""

from dataclasses import replace
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.database import Database
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.outbox import record
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.read_models import put_newest
from tests.subgraphs.shared.messaging.conftest import World
from tests.subgraphs.shared.messaging.harvest import FieldSown, LastSown

FIELDS = 40
SOWINGS = 10


def sown(number: int, *, version: int) -> Event:
    return replace(Event.of(FieldSown(field="north", number=number)), version=version)


async def put(session: AsyncSession, event: Event) -> None:
    key, values = {"field": event.data["field"]}, {"number": event.data["number"]}
    await put_newest(session, LastSown, key, values, event=event)


async def last_sown(database: Database) -> dict[str, int | None]:
    async with database.begin() as session:
        return {row.field: row.number for row in await session.scalars(select(LastSown))}


async def test_in_any_order_the_newest_fact_stays(database: Database) -> None:
    facts = [sown(10, version=1), sown(20, version=2), sown(30, version=3)]
    for order in permutations(facts):
        async with database.begin() as session:
            for event in (*order, order[0]):
                await put(session, event)
        assert await last_sown(database) == {"north": 30}


async def test_a_row_from_before_versions_gives_way_to_any_fact(database: Database) -> None:
    async with database.begin() as session:
        session.add(LastSown(field="north", number=1))
    async with database.begin() as session:
        await put(session, sown(2, version=0))
    assert await last_sown(database) == {"north": 2}
    async with database.begin() as session:
        await put(session, sown(3, version=1))
        await put(session, sown(4, version=0))
    assert await last_sown(database) == {"north": 3}


def a_barn_that_copies() -> Reactions:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            await put(session, delivery.event)

    return reactions


async def test_two_consumers_of_one_queue_leave_the_newest_fact_everywhere(world: World) -> None:
    for number in range(1, SOWINGS + 1):
        async with world.database.begin() as session:
            for field in range(FIELDS):
                record(session, FieldSown(field=str(field), number=number))
    await world.react(a_barn_that_copies())
    await world.react(a_barn_that_copies())
    await world.relay()
    await world.all_delivered()
    assert await last_sown(world.database) == {str(field): SOWINGS for field in range(FIELDS)}


async def test_a_fact_that_is_put_off_does_not_overwrite_what_came_meanwhile(world: World) -> None:
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        if delivery.payload.number == 1 and delivery.attempt == 1:
            raise RuntimeError("the first fact fails once")
        async with delivery.begin() as session:
            await put(session, delivery.event)

    await world.react(reactions)
    async with world.database.begin() as session:
        record(session, FieldSown(field="north", number=1))
        record(session, FieldSown(field="north", number=2))
    await world.relay()
    await world.all_delivered()
    assert await last_sown(world.database) == {"north": 2}
