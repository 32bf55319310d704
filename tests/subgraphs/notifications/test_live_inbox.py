"""`notificationReceived`: what comes, to whom, in which order, and what happens when something goes away."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from subgraphs.notifications import models
from subgraphs.notifications.api.subscriptions import notification_received
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.main import create_subgraph
from subgraphs.notifications.schemas import heard
from subgraphs.shared.ids import new_id
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.notifications.conftest import MARINA, PEOPLE_SECRET, SERGIO, Inboxes

RECEIVED = "subscription ($after: ID) { notificationReceived(after: $after) { id subjectId isRead } }"


def a_deposit(number: int, *, of: UUID = MARINA) -> heard.DepositConfirmed:
    return heard.DepositConfirmed(deposit_id=UUID(int=number), user_id=of, amount_minor=1_000)


class Follower:
    """Somebody who follows their inbox."""

    def __init__(self, answers: Any) -> None:
        self.answers = answers
        self.last: str | None = None
        """What the last event is called."""
        self._next: asyncio.Task[Any] | None = None

    def begin(self) -> None:
        """Subscribe; the first answer is waited for in the background."""
        self._next = asyncio.create_task(self._take())

    async def answer(self) -> Any:
        if self._next is None:
            self.begin()
        task, self._next = self._next, None
        assert task is not None
        return await asyncio.wait_for(task, 20)

    async def number(self) -> int:
        """Of the deposit that the next notification is about."""
        answer = await self.answer()
        assert "errors" not in answer, answer
        return UUID(answer["data"]["notificationReceived"]["subjectId"]).int

    async def ended(self) -> bool:
        return await self.answer() is None

    async def _take(self) -> Any:
        event = await anext(self.answers, None)
        self.last = event and event.id
        return event and event.body


def requested(token: str | None, after: Any = None, last: str | None = None) -> GraphQLRequest:
    headers = ({"authorization": f"Bearer {token}"} if token else {}) | ({"last-event-id": last} if last else {})
    return GraphQLRequest(RECEIVED, {"after": after}, headers=headers)


@asynccontextmanager
async def following(
    subgraph: Subgraph, token: str | None, *, after: Any = None, last: str | None = None
) -> AsyncIterator[Follower]:
    """Follow the inbox; without *after* the block begins when it is certain that nothing will be missed."""
    async with aclosing(subgraph.subscribe(requested(token, after, last))) as answers:
        follower = Follower(answers)
        yield follower
        if follower._next is not None:
            follower._next.cancel()
            await asyncio.wait({follower._next})


async def begun(subgraph: Subgraph, follower: Follower, count: int = 1) -> None:
    """Wait until *count* followers wait for news."""
    follower.begin()
    live = subgraph.services.live_inboxes
    async with asyncio.timeout(20):
        while sum(len(waiting._waiters) for of in live._followers.values() for waiting in of) < count:
            await subgraph.database.answers()


async def ids_of(inboxes: Inboxes, person: UUID) -> list[str]:
    async with inboxes.subgraph.database.read() as session:
        found = await session.scalars(
            text("SELECT id FROM notifications WHERE user_id = :person ORDER BY place"), {"person": person}
        )
        return [str(id_) for id_ in found]


async def test_what_is_new_comes_as_it_happens_and_nothing_before(inboxes: Inboxes) -> None:
    await inboxes.arrives(a_deposit(1))
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
        await inboxes.arrives(a_deposit(2))
        assert await marina.number() == 2
        await inboxes.arrives(a_deposit(3))
        await inboxes.arrives(a_deposit(4))
        assert [await marina.number(), await marina.number()] == [3, 4]


async def test_nobody_receives_what_is_anothers(inboxes: Inboxes) -> None:
    async with (
        following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina,
        following(inboxes.subgraph, inboxes.tokens.token(SERGIO)) as sergio,
    ):
        await begun(inboxes.subgraph, marina)
        await begun(inboxes.subgraph, sergio, 2)
        await inboxes.arrives(a_deposit(1))
        await inboxes.arrives(a_deposit(2, of=SERGIO))
        assert await sergio.number() == 2
        assert await marina.number() == 1


async def test_every_device_of_a_person_receives_everything(inboxes: Inboxes) -> None:
    token = inboxes.tokens.token(MARINA)
    async with following(inboxes.subgraph, token) as phone, following(inboxes.subgraph, token) as laptop:
        await begun(inboxes.subgraph, phone)
        await begun(inboxes.subgraph, laptop, 2)
        await inboxes.arrives(a_deposit(1))
        assert [await phone.number(), await laptop.number()] == [1, 1]


async def test_a_fact_delivered_twice_is_received_once(inboxes: Inboxes) -> None:
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
        event = await inboxes.arrives(a_deposit(1))
        await inboxes.arrives(a_deposit(1), again=event)
        await inboxes.arrives(a_deposit(2))
        assert [await marina.number(), await marina.number()] == [1, 2]


async def test_who_comes_back_gets_what_was_missed_and_then_what_is_new(inboxes: Inboxes) -> None:
    for number in range(1, 4):
        await inboxes.arrives(a_deposit(number))
        await inboxes.arrives(a_deposit(100 + number, of=SERGIO))
    first = (await ids_of(inboxes, MARINA))[0]
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA), after=first) as marina:
        assert [await marina.number(), await marina.number()] == [2, 3]
        await begun(inboxes.subgraph, marina)
        await inboxes.arrives(a_deposit(4))
        assert await marina.number() == 4


async def test_each_event_is_called_as_its_notification_and_from_it_one_goes_on(inboxes: Inboxes) -> None:
    """Also who asked with `after` at first: what came since then has been told already."""
    for number in range(1, 5):
        await inboxes.arrives(a_deposit(number))
    ids = await ids_of(inboxes, MARINA)
    token = inboxes.tokens.token(MARINA)
    async with following(inboxes.subgraph, token, after=ids[0]) as marina:
        assert [(await marina.number(), marina.last) for _ in range(2)] == [(2, ids[1]), (3, ids[2])]
    async with following(inboxes.subgraph, token, after=ids[0], last=ids[2]) as marina:
        assert (await marina.number(), marina.last) == (4, ids[3])
        await begun(inboxes.subgraph, marina)
        await inboxes.arrives(a_deposit(5))
        assert await marina.number() == 5
        inboxes.subgraph.ending.end_all()
        assert (await marina.answer())["errors"][0]["extensions"]["code"] == "SERVER_STOPPING"
        assert marina.last is None


async def test_more_than_one_read_brings_is_missed_by_nobody(inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subgraphs.notifications.domain.live_inboxes.READ_AT_ONCE", 2)
    for number in range(1, 7):
        await inboxes.arrives(a_deposit(number))
    first = (await ids_of(inboxes, MARINA))[0]
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA), after=first) as marina:
        assert [await marina.number() for _ in range(5)] == [2, 3, 4, 5, 6]


async def test_too_much_missed_is_said_and_not_cut(inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notification_received, "MISSED_MAX", 2)
    for number in range(1, 5):
        await inboxes.arrives(a_deposit(number))
    first, second, *_ = await ids_of(inboxes, MARINA)
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA), after=first) as marina:
        (error,) = (await marina.answer())["errors"]
        assert error["extensions"]["code"] == "MISSED_TOO_MANY"
        assert await marina.ended()
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA), after=second) as marina:
        assert [await marina.number(), await marina.number()] == [3, 4]


@pytest.mark.parametrize(
    ("said_by", "after"),
    [*product(("after", "last"), ("anothers", str(UUID(int=1)), "no-such-id")), ("after", "")],
)
async def test_after_what_is_not_ones_own_nothing_is_shown(inboxes: Inboxes, after: str, said_by: str) -> None:
    await inboxes.arrives(a_deposit(1))
    if after == "anothers":
        await inboxes.arrives(a_deposit(2, of=SERGIO))
        (after,) = await ids_of(inboxes, SERGIO)
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA), **{said_by: after}) as marina:
        answer = await marina.answer()
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["code"] == "NOTIFICATION_NOT_FOUND"
        assert await marina.ended()


async def test_without_a_token_there_is_nothing(inboxes: Inboxes) -> None:
    async with following(inboxes.subgraph, None) as nobody:
        answer = await nobody.answer()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await nobody.ended()


@pytest.mark.parametrize("wrong", [{"aud": "elsewhere"}, {"expires_in": -60}, {"iss": "https://else.test"}])
async def test_a_bad_token_is_refused(inboxes: Inboxes, wrong: dict[str, Any]) -> None:
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA, **wrong)) as marina:
        answer = await marina.answer()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await marina.ended()


async def test_it_ends_with_its_token(inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subgraphs.shared.identity.CLOCK_SKEW_SECONDS", 0)
    token = inboxes.tokens.token(MARINA, exp=int(time.time()) + 4)
    async with following(inboxes.subgraph, token) as marina:
        assert (await marina.answer())["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
        assert await marina.ended()
    assert inboxes.subgraph.services.live_inboxes._followers == {}


async def test_it_ends_when_the_process_stops(inboxes: Inboxes) -> None:
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
        inboxes.subgraph.ending.end_all()
        assert (await marina.answer())["errors"][0]["extensions"]["code"] == "SERVER_STOPPING"
        assert await marina.ended()
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as late:
        assert (await late.answer())["errors"][0]["extensions"]["code"] == "SERVER_STOPPING"


async def test_who_goes_is_forgotten(inboxes: Inboxes) -> None:
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
    assert inboxes.subgraph.services.live_inboxes._followers == {}


async def test_a_query_is_no_subscription_nor_the_other_way_round(inboxes: Inboxes) -> None:
    (answer,) = [one.body async for one in inboxes.subgraph.subscribe(GraphQLRequest("{ __typename }"))]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "Events answer a subscription only" in answer["errors"][0]["message"]
    answer = await inboxes.subgraph.execute(requested(inboxes.tokens.token(MARINA)))
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "send 'accept: text/event-stream'" in answer["errors"][0]["message"]


# ── several processes, and a database that goes away ──


async def test_another_process_is_told_too(inboxes: Inboxes, tokens: TokenIssuer) -> None:
    url = inboxes.subgraph.database.url
    other = create_subgraph(
        NotificationsSettings.model_validate({"database_url": url, "people_secret": PEOPLE_SECRET}),
        verifier=tokens.verifier,
        people=KnownPeople(),
    )
    async with following(other, tokens.token(MARINA)) as marina:
        await begun(other, marina)
        await inboxes.arrives(a_deposit(1))
        assert await marina.number() == 1
    await other.close()


async def test_nothing_is_told_before_the_commit_nor_without_it(inboxes: Inboxes) -> None:
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
        async with inboxes.subgraph.database.begin() as session:
            await session.execute(insert(models.Notification).values(**a_row(1)))
            await session.rollback()
        await inboxes.arrives(a_deposit(2))
        assert await marina.number() == 2
    assert await places(inboxes) == [1]


async def test_connections_cut_by_the_server_lose_nothing(inboxes: Inboxes) -> None:
    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
        await inboxes.arrives(a_deposit(1))
        assert await marina.number() == 1
        async with inboxes.subgraph.database.engine.connect() as connection:
            # The one that listens among them; what comes next may be told while nobody does.
            await connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND pid <> pg_backend_pid()")
            )  # fmt: skip
        marina.begin()
        await inboxes.arrives(a_deposit(2))
        assert await marina.number() == 2


def a_row(number: int) -> dict[str, Any]:
    words = dict.fromkeys(("title", "body", "title_english", "body_english"), "x")
    return {
        **words, "id": new_id(), "user_id": MARINA, "category": "DEPOSIT", "event_id": new_id(),
        "occurred_at": datetime.now(UTC), "subject_type": "Deposit", "subject_id": UUID(int=number),
    }  # fmt: skip


async def places(inboxes: Inboxes) -> list[int]:
    async with inboxes.subgraph.database.read() as session:
        found = await session.scalars(text("SELECT place FROM notifications ORDER BY place"))
        return list(found)


async def test_a_transaction_that_began_first_and_commits_last_is_not_passed_over(inboxes: Inboxes) -> None:
    """The second has to wait for the first: places are seen in their order or not at all."""
    database = inboxes.subgraph.database

    async def add_second() -> None:
        async with database.begin() as session:
            await session.execute(insert(models.Notification).values(**a_row(2)))

    async with following(inboxes.subgraph, inboxes.tokens.token(MARINA)) as marina:
        await begun(inboxes.subgraph, marina)
        async with database.begin() as session:
            await session.execute(insert(models.Notification).values(**a_row(1)))
            adding = asyncio.create_task(add_second())
            while not await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                continue
        await adding
        assert [await marina.number(), await marina.number()] == [1, 2]
    assert await places(inboxes) == [1, 2]
