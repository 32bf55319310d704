"""What each setting of notifications changes, with values on both sides of its figure."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from subgraphs.notifications import models
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.domain.dispatching import dispatch_due
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.main import create_subgraph
from subgraphs.notifications.ports.carrier import OutgoingMessage
from subgraphs.notifications.ports.sandbox_carrier import Misbehaviour
from subgraphs.notifications.schemas import heard
from tests.subgraphs.notifications.conftest import MARINA, Inboxes

DEPOSIT = heard.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1_000_000)


async def dispatches(inboxes: Inboxes) -> list[models.Dispatch]:
    async with inboxes.subgraph.database.read() as session:
        return list(await session.scalars(select(models.Dispatch).order_by(models.Dispatch.channel)))


async def carry(inboxes: Inboxes) -> int:
    return await dispatch_due(inboxes.subgraph.database, inboxes.subgraph.services, inboxes.clock)


@pytest.mark.parametrize(("most", "runs"), [(1, [1, 1, 0]), (2, [2, 0, 0])])
async def test_as_many_messages_as_set_are_carried_at_once(inboxes: Inboxes, most: int, runs: list[int]) -> None:
    inboxes.subgraph.services.settings.dispatch_batch_max = most
    await inboxes.arrives(DEPOSIT)
    assert [await carry(inboxes) for _ in range(3)] == runs


async def test_a_message_is_given_up_after_as_many_attempts_as_set(inboxes: Inboxes) -> None:
    inboxes.subgraph.services.settings.dispatch_attempts_max = 2
    inboxes.email.misbehave(Misbehaviour.REFUSE, times=9)
    await inboxes.arrives(DEPOSIT)
    statuses = []
    for _ in range(2):
        await carry(inboxes)
        inboxes.clock.advance(hours=1)
        statuses.append((await dispatches(inboxes))[0].status)
    assert statuses == ["PENDING", "FAILED"]


async def test_it_is_tried_again_after_the_wait_set_twice_as_long_each_time(inboxes: Inboxes) -> None:
    settings = inboxes.subgraph.services.settings
    settings.dispatch_retry_seconds, settings.dispatch_timeout_seconds = 7.0, 3.0
    inboxes.email.misbehave(Misbehaviour.REFUSE, times=9)
    inboxes.push.misbehave(Misbehaviour.REFUSE, times=9)
    await inboxes.arrives(DEPOSIT)
    waits = []
    for _ in range(2):
        await carry(inboxes)
        (due_at,) = {row.due_at for row in await dispatches(inboxes)}
        waits.append(due_at - inboxes.clock.now())
        inboxes.clock.instant = due_at - timedelta(seconds=1)
        assert await carry(inboxes) == 0
        inboxes.clock.instant = due_at
    assert waits == [timedelta(seconds=3 + 7), timedelta(seconds=3 + 14)]


class Carrier:
    """A carrier that a setting names."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self.settings = settings

    async def carry(self, message: OutgoingMessage) -> None:
        """It has *message*."""
        del message


class Slow:
    def __init__(self, wait: Callable[[], Awaitable[object]]) -> None:
        self._wait = wait

    async def carry(self, message: OutgoingMessage) -> None:
        del message
        await self._wait()


@pytest.mark.parametrize(("seconds", "status"), [(0.01, "PENDING"), (60.0, "SENT")])
async def test_a_carrier_has_as_long_as_set(inboxes: Inboxes, seconds: float, status: str) -> None:
    services = inboxes.subgraph.services
    services.settings.dispatch_timeout_seconds = seconds
    hangs = Slow(asyncio.Event().wait if seconds < 1 else lambda: asyncio.sleep(0.02))
    await inboxes.arrives(DEPOSIT)
    await dispatch_due(
        inboxes.subgraph.database,
        replace(services, carriers={Channel.EMAIL: hangs, Channel.PUSH: hangs}),
        inboxes.clock,
    )
    assert {row.status for row in await dispatches(inboxes)} == {status}


@pytest.mark.parametrize(
    ("setting", "channel"), [("email", Channel.EMAIL), ("push", Channel.PUSH), ("sms", Channel.SMS)]
)
async def test_the_carrier_is_who_is_named(inboxes: Inboxes, setting: str, channel: Channel) -> None:
    named = {"email": "sandbox", "push": "sandbox"} | {setting: f"{__name__}:Carrier"}
    settings = inboxes.subgraph.services.settings.model_copy(update=named | {"dispatch_job_seconds": 4.0})
    other = create_subgraph(settings, verifier=inboxes.tokens.verifier, people=inboxes.people, clock=inboxes.clock)
    carriers = other.services.carriers
    assert [one for one in Channel if isinstance(carriers[one], Carrier)] == [channel]
    assert [job.every_seconds for job in other.jobs] == [4.0]
    await other.close()


async def test_links_in_e_mails_lead_where_the_setting_says(inboxes: Inboxes) -> None:
    inboxes.subgraph.services.settings.frontend_url = "https://frontend.test/"
    await inboxes.arrives(DEPOSIT)
    await carry(inboxes)
    (mail,) = inboxes.email.carried()
    assert mail.link == f"https://frontend.test/wallet/deposits/{UUID(int=12)}"
    assert mail.link in mail.body
