"""However its facts are delayed, repeated or lost, a domain never believes to know more than it does."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain import telling
from subgraphs.accounts.main import create_subgraph as create_accounts
from subgraphs.accounts.schemas import events as of_accounts
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.main import create_subgraph as create_notifications
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.outbox import event_of
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.standing import crud, facts
from subgraphs.shared.standing.follow import HEARTBEAT_ATTEMPTS_MAX
from subgraphs.shared.subgraph import Subgraph
from tests.builders.deliveries import deliver
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.accounts.conftest import CHEAP

MARINA, CARLOS = UUID(int=0xA1), UUID(int=0xA2)
SECRET = "a secret that only tests know"
FACTS, HEARTBEATS = 5, 4


@dataclass
class Told:
    """What accounts has told, in its order, and which facts were committed before each heartbeat."""

    events: list[Event]
    before: dict[datetime, set[UUID]]

    @property
    def facts(self) -> list[Event]:
        return [event for event in self.events if event.type != facts.StandingConfirmed.type]

    @property
    def heartbeats(self) -> list[Event]:
        return [event for event in self.events if event.type == facts.StandingConfirmed.type]


@dataclass
class World:
    told: Told
    reader: Subgraph
    _times: int = 0

    def told_anew(self) -> Told:
        """The same history, later and with ids of its own: the reader has read the earlier ones already."""
        self._times += 1
        later = timedelta(hours=self._times)
        ids = {event.id: uuid4() for event in self.told.events}
        events = [
            replace(event, id=ids[event.id], time=event.time + later, data=dict(event.data))
            for event in self.told.events
        ]
        for event in (event for event in events if event.type == facts.StandingConfirmed.type):
            event.data["told_at"] = event.time.isoformat()
            event.data["decided"] = [str(ids[UUID(id_)]) for id_ in event.data["decided"]]
        before = {at + later: {ids[id_] for id_ in decided} for at, decided in self.told.before.items()}
        return Told(events, before)

    async def known_up_to(self) -> datetime | None:
        async with self.reader.database.read() as session:
            return await crud.find_told_at(session)


OF_STANDING = select(OutboxRow).where(OutboxRow.type != of_accounts.ConsentTextLaidDown.type).order_by(OutboxRow.id)
"""All that accounts tells here, but for the texts that were there before."""


async def all_told(accounts: Subgraph) -> Told:
    """Two people, a session and a key; one decision is under way while a later one commits and the heart beats."""
    services, told = accounts.services, Told([], {})
    clock, database = services.clock, services.database

    async def beat() -> None:
        clock.advance(seconds=5)
        async with database.read() as session:
            rows = (await session.scalars(OF_STANDING)).all()
        told.before[clock.now()] = {row.event_id for row in rows if row.type != facts.StandingConfirmed.type}
        await telling.confirm_standing(services)

    async with database.begin() as session:
        await telling.tell_suspended(session, MARINA, now=clock.now())
    await beat()
    async with database.begin() as slow:
        await telling.tell_sessions_ended(slow, services, MARINA, [UUID(int=0x5E)], now=clock.now())
        await slow.flush()
        async with database.begin() as session:
            await telling.tell_closed(session, CARLOS, now=clock.now())
        await beat()
    await beat()
    await services.key_source()
    async with database.read() as session:
        (key_id,) = await session.scalars(text("SELECT id FROM signing_keys"))
    await services.key_ring.withdraw(key_id)
    async with database.begin() as session:
        await telling.tell_reactivated(session, MARINA, now=clock.now())
    await beat()
    async with database.read() as session:
        rows = await session.scalars(OF_STANDING)
        told.events = [event_of(row) for row in rows]
    return told


@asynccontextmanager
async def world_of(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[World]:
    books, inboxes = await make_database("accounts"), await make_database("notifications")
    accounts = create_accounts(
        AccountsSettings(database_url=books.url, key_encryption_secret="only-for-these-tests", **CHEAP),
        verifier=tokens.verifier,
        clock=FixedClock(datetime.now(UTC)),
    )
    reader = create_notifications(
        NotificationsSettings.model_validate({"database_url": inboxes.url, "people_secret": SECRET}),
        verifier=tokens.verifier,
        people=KnownPeople(),
    )
    try:
        yield World(await all_told(accounts), reader)
    finally:
        await accounts.close()
        await reader.close()


@pytest_asyncio.fixture
async def world(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[World]:
    async with world_of(make_database, tokens) as made:
        yield made


orders = st.lists(st.integers(0, FACTS + HEARTBEATS - 1), max_size=3).flatmap(
    lambda again: st.permutations([*range(FACTS + HEARTBEATS), *again])
)
"""All in any order, some of it twice."""


@given(order=orders, lost=st.sets(st.integers(0, FACTS - 1), max_size=2))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nothing_is_believed_while_a_fact_is_missing(world: World, order: Sequence[int], lost: set[int]) -> None:
    told = world.told_anew()
    missed = {told.facts[place].id for place in lost}
    arrived: set[UUID] = set()
    put_off: list[tuple[Event, int]] = []
    for event in (told.events[place] for place in order):
        if event.id in missed:
            continue
        trying, put_off = [(event, 1), *put_off], []
        for tried, attempt in trying:
            try:
                await deliver(world.reader, tried, attempt=attempt)
                arrived.add(tried.id)
            except NotYet:
                put_off.append((tried, attempt + 1))
            known_up_to = await world.known_up_to()
            if known_up_to in told.before:
                assert told.before[known_up_to] <= arrived
    assert all(attempt <= HEARTBEAT_ATTEMPTS_MAX for _, attempt in put_off)


async def test_the_next_heartbeat_is_believed_when_the_last_missing_fact_has_come(world: World) -> None:
    *earlier, last = world.told.heartbeats
    assert (len(world.told.facts), len(earlier)) == (FACTS, HEARTBEATS - 1)
    first, *others = world.told.facts
    for fact in others:
        await deliver(world.reader, fact)
    for heartbeat in earlier:
        await deliver(world.reader, heartbeat, attempt=HEARTBEAT_ATTEMPTS_MAX)
    assert await world.known_up_to() is None
    await deliver(world.reader, first)
    await deliver(world.reader, last)
    assert await world.known_up_to() == last.time
