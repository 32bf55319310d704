"""Push messages go to the devices that a person has registered, in their language, and to nobody else's."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from subgraphs.notifications import models
from subgraphs.notifications.domain.push_devices import DEVICES_MAX, RegisterDevice, register_device
from subgraphs.notifications.domain.vocabulary import Platform
from subgraphs.notifications.ports.sandbox_carrier import Misbehaviour
from subgraphs.notifications.schemas import heard
from subgraphs.shared.identity import Identity
from subgraphs.shared.people import Person
from tests.builders.deliveries import deliver, in_order
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes

DEPOSIT = heard.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1_000_000)
TABLET = "tablet-of-marina-0001"
REMOVE = """mutation ($id: ID!) { removeDevice(input: {id: $id}) { __typename ... on DeviceRemoved { id } } }"""
LIST = """query ($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) { ... on User {
  pushDevices { id platform language } } } }"""


async def devices_of(inboxes: Inboxes, person: UUID, asker: UUID | None = None) -> Any:
    answer = await inboxes.ask(LIST, asker or person, id=str(person))
    return answer["data"]["_entities"][0]["pushDevices"]


async def tokens(inboxes: Inboxes) -> list[tuple[UUID, str]]:
    async with inboxes.subgraph.database.read() as session:
        rows = await session.scalars(select(models.PushDevice).order_by(models.PushDevice.registered_at))
    return [(row.user_id, row.token) for row in rows]


async def ends(inboxes: Inboxes) -> list[tuple[str, str | None]]:
    """What became of push messages."""
    async with inboxes.subgraph.database.read() as session:
        rows = await session.scalars(select(models.Dispatch).where(models.Dispatch.channel == "PUSH"))
    return [(row.status, row.last_error) for row in rows]


async def test_each_device_is_told_in_its_own_language(inboxes: Inboxes) -> None:
    await inboxes.register(MARINA, TABLET, platform="IOS", language="ENGLISH")
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert sorted((push.address, push.language, push.title) for push in inboxes.push.carried()) == [
        (str(MARINA), "PORTUGUESE", "Depósito confirmado"),
        (TABLET, "ENGLISH", "Deposit confirmed"),
    ]
    assert await ends(inboxes) == [("SENT", None)]


async def test_an_app_that_starts_again_is_the_same_device(inboxes: Inboxes) -> None:
    first = await inboxes.register(MARINA, TABLET)
    inboxes.clock.advance(days=1)
    again = await inboxes.register(MARINA, TABLET, platform="WEB", language="ENGLISH")
    assert again == first | {
        "platform": "WEB",
        "language": "ENGLISH",
        "registeredAt": "2026-11-24T12:00:00.000Z",
    }
    newest, _ = await devices_of(inboxes, MARINA)
    assert newest["id"] == first["id"]


async def test_a_device_is_told_of_who_registered_it_last_alone(inboxes: Inboxes) -> None:
    was = await inboxes.register(MARINA, TABLET)
    now = await inboxes.register(SERGIO, TABLET)
    assert was["id"] != now["id"]
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert [push.address for push in inboxes.push.carried()] == [str(MARINA)]
    assert await tokens(inboxes) == [(MARINA, str(MARINA)), (SERGIO, TABLET)]


async def test_one_more_than_there_may_be_takes_the_place_of_the_oldest(inboxes: Inboxes) -> None:
    for place in range(DEVICES_MAX):
        inboxes.clock.advance(minutes=1)
        await inboxes.register(MARINA, f"telephone-number-{place:02}")
    assert [token for _, token in await tokens(inboxes)] == [
        f"telephone-number-{place:02}" for place in range(DEVICES_MAX)
    ]


async def test_two_at_once_are_no_more_than_there_may_be(inboxes: Inboxes) -> None:
    """By two processes, in which a person's requests do not wait for each other before they have a connection."""
    database = inboxes.subgraph.database

    async def register(token: str) -> None:
        command = RegisterDevice(token=token, platform=Platform.ANDROID, language=None)
        async with database.begin() as session:
            await register_device(session, command, actor=Identity(MARINA), now=inboxes.clock.now())

    for place in range(DEVICES_MAX):
        await register(f"telephone-number-{place:02}")
    command = RegisterDevice(token=TABLET, platform=Platform.ANDROID, language=None)
    async with database.begin() as session:
        await register_device(session, command, actor=Identity(MARINA), now=inboxes.clock.now())
        waiting = asyncio.create_task(register("telephone-number-99"))
        while not await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            continue
    await waiting
    assert len(await tokens(inboxes)) == DEVICES_MAX


async def test_a_removed_device_is_told_nothing_and_only_ones_own_is_removed(inboxes: Inboxes) -> None:
    device = await inboxes.register(MARINA, TABLET)
    for person in (SERGIO, MARINA, MARINA):
        answer = await inboxes.ask(REMOVE, person, id=device["id"])
        assert answer["data"]["removeDevice"] == {"__typename": "DeviceRemoved", "id": device["id"]}
        kept = [str(MARINA)] if person == MARINA else [str(MARINA), TABLET]
        assert [token for _, token in await tokens(inboxes)] == kept


async def test_who_is_not_there_any_more_is_forgotten_and_the_others_are_told(inboxes: Inboxes) -> None:
    await inboxes.register(MARINA, TABLET)
    inboxes.push.misbehave(Misbehaviour.NOBODY_THERE, times=1)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    (told,) = inboxes.push.carried()
    assert await tokens(inboxes) == [(MARINA, told.address)]
    assert await ends(inboxes) == [("SENT", None)]
    inboxes.push.misbehave(Misbehaviour.NOBODY_THERE, times=1)
    await inboxes.arrives(DEPOSIT.model_copy(update={"deposit_id": UUID(int=13)}))
    await inboxes.run_job()
    assert await tokens(inboxes) == []
    assert sorted(await ends(inboxes)) == [("FAILED", "nobody is at the address any more"), ("SENT", None)]


async def test_what_one_device_did_not_take_is_tried_again_and_the_other_gets_it_once(inboxes: Inboxes) -> None:
    await inboxes.register(MARINA, TABLET)
    inboxes.push.misbehave(Misbehaviour.REFUSE, times=1)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert (len(inboxes.push.carried()), await ends(inboxes)) == (1, [("PENDING", "the sandbox was told to refuse")])
    inboxes.clock.advance(minutes=1)
    await inboxes.run_job()
    assert sorted(push.address for push in inboxes.push.carried()) == sorted([str(MARINA), TABLET])
    assert [status for status, _ in await ends(inboxes)] == ["SENT"]


async def test_who_has_no_device_is_told_in_the_inbox_and_by_mail(inboxes: Inboxes) -> None:
    inboxes.people.people[SERGIO] = Person(email="sergio@example.com")
    await inboxes.arrives(DEPOSIT.model_copy(update={"user_id": SERGIO}))
    await inboxes.run_job()
    assert inboxes.push.carried() == []
    assert await ends(inboxes) == [("FAILED", "the person has no address for this channel")]
    assert [mail.address for mail in inboxes.email.carried()] == ["sergio@example.com"]


async def test_who_says_that_it_was_not_them_is_told_on_no_device_of_before(inboxes: Inboxes) -> None:
    """One of them may be whose it was; later ones are their own, also where the alert comes late."""
    disowned = heard.SecurityAlert(user_id=MARINA, kind=heard.DISOWNED)
    await inboxes.register(SERGIO, "telephone-of-sergio")
    alert = await inboxes.arrives(disowned)
    assert await tokens(inboxes) == [(SERGIO, "telephone-of-sergio")]
    inboxes.clock.advance(seconds=1)
    await inboxes.register(MARINA, TABLET)
    await deliver(inboxes.subgraph, replace(in_order(disowned)[0], time=alert.time))
    await inboxes.arrives(heard.SecurityAlert(user_id=MARINA, kind="PASSWORD_CHANGED"))
    assert await tokens(inboxes) == [(SERGIO, "telephone-of-sergio"), (MARINA, TABLET)]


@pytest.mark.parametrize("token", ["", "too-short", "x" * 1_025, "with a space in the middle", "acento-não-é-ascii-1"])
async def test_what_is_no_token_is_refused(inboxes: Inboxes, token: str) -> None:
    refused = await inboxes.register(MARINA, token)
    assert refused == {"__typename": "InvalidInput", "field": "token"}
    assert await tokens(inboxes) == [(MARINA, str(MARINA))]


async def test_devices_are_seen_by_their_person_alone(inboxes: Inboxes) -> None:
    (device,) = await devices_of(inboxes, MARINA)
    assert device["platform"] == "ANDROID"
    assert await devices_of(inboxes, MARINA, SERGIO) is None
