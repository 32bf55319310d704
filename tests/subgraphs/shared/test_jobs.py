"""Of what is due together, what cannot be done is left, at the price of a few tries."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from subgraphs.notifications.models import Preference
from subgraphs.shared.jobs import all_or_one_by_one
from tests.builders.jobs import failures_of
from tests.fixtures.databases import MakeDatabase

PEOPLE = [UUID(int=number) for number in range(1, 33)]
JOB = "switch off"


async def test_one_of_many_that_cannot_be_done_costs_a_few_tries(make_database: MakeDatabase) -> None:
    database = await make_database("notifications")
    stuck, tries, failed = PEOPLE[20], 0, failures_of(JOB)
    async with database.begin() as session:
        session.add_all(Preference(user_id=one, category="PAYOUT", channel="EMAIL", enabled=True) for one in PEOPLE)

    async with database.begin() as session:

        async def switch_off(some: Sequence[UUID]) -> None:
            nonlocal tries
            tries += 1
            for person in some:
                await session.execute(update(Preference).where(Preference.user_id == person).values(enabled=False))
                if person == stuck:
                    raise ValueError("not this one")

        assert await all_or_one_by_one(session, JOB, PEOPLE, switch_off, name=str) == 31
    async with database.read() as session:
        assert (await session.scalars(select(Preference.user_id).where(Preference.enabled))).all() == [stuck]
    assert (tries, failures_of(JOB)) == (11, failed + 1)
