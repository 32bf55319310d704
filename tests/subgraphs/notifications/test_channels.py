"""Ways out of the app: preferences, retries, and what cannot be silenced."""

from dataclasses import replace
from itertools import permutations
from uuid import UUID, uuid4

from sqlalchemy import select

from subgraphs.notifications import models
from subgraphs.notifications.schemas import events
from subgraphs.shared.messaging.event import Event
from tests.builders.deliveries import deliver, in_order
from tests.subgraphs.notifications.conftest import MARINA, Inboxes

MARINA_REGISTERED = events.UserRegistered(user_id=MARINA, display_name="Marina", email="marina@example.com")
DEPOSIT = events.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1_000_000)
ALERT = events.SecurityAlert(user_id=MARINA, kind="REFRESH_TOKEN_REUSED")

SET = """mutation ($input: SetNotificationPreferenceInput!) { setNotificationPreference(input: $input) {
  __typename ... on NotificationPreference { enabled } ... on PreferenceFixed { message category channel } } }"""


async def switch(inboxes: Inboxes, category: str, channel: str, *, enabled: bool) -> dict:
    choice = {"category": category, "channel": channel, "enabled": enabled}
    return (await inboxes.ask(SET, MARINA, input=choice))["data"]["setNotificationPreference"]


async def test_a_notification_goes_out_over_both_channels(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    expected = [
        ("marina@example.com", "Boas-vindas à Peerseed", "Marina, sua conta foi criada."),
        ("marina@example.com", "Depósito confirmado", "R$ 10.000,00 entraram na sua carteira."),
    ]
    assert sorted((m.address, m.title, m.body) for m in inboxes.email.carried) == expected
    assert sorted(m.title for m in inboxes.push.carried) == ["Boas-vindas à Peerseed", "Depósito confirmado"]


async def test_a_switched_off_channel_stays_silent(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.run_job()
    inboxes.email.carried.clear()
    answer = await switch(inboxes, "DEPOSIT", "EMAIL", enabled=False)
    assert answer == {"__typename": "NotificationPreference", "enabled": False}
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert list(inboxes.email.carried) == []
    assert inboxes.push.carried[-1].title == "Depósito confirmado"


async def test_security_alerts_cannot_be_silenced(inboxes: Inboxes) -> None:
    refused = await switch(inboxes, "SECURITY", "EMAIL", enabled=False)
    assert refused == {
        "__typename": "PreferenceFixed",
        "message": "Alertas de segurança são sempre enviados por e-mail.",
        "category": "SECURITY",
        "channel": "EMAIL",
    }
    async with inboxes.subgraph.database.read() as session:
        assert (await session.scalars(select(models.Preference))).all() == []
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.arrives(ALERT)
    await inboxes.run_job()
    assert "Alerta de segurança" in [message.title for message in inboxes.email.carried]


async def test_a_refused_message_is_carried_later_and_once(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.run_job()
    inboxes.email.carried.clear()
    inboxes.email.fail_next(1)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert list(inboxes.email.carried) == []
    inboxes.clock.advance(minutes=1)
    await inboxes.run_job()
    await inboxes.run_job()
    assert [message.title for message in inboxes.email.carried] == ["Depósito confirmado"]


async def test_a_message_is_given_up_after_the_last_attempt_and_stays_in_the_inbox(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    inboxes.email.fail_next(1_000)
    for _ in range(10):
        await inboxes.run_job()
        inboxes.clock.advance(hours=1)
    async with inboxes.subgraph.database.read() as session:
        dispatch = await session.scalar(select(models.Dispatch).where(models.Dispatch.channel == "EMAIL"))
        inbox = (await session.scalars(select(models.Notification))).all()
    assert dispatch is not None
    assert (dispatch.status, dispatch.attempts, dispatch.last_error) == ("FAILED", 6, "the sandbox was told to fail")
    assert len(inbox) == 1


async def test_a_message_waits_for_the_address(inboxes: Inboxes) -> None:
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert list(inboxes.email.carried) == []
    await inboxes.arrives(MARINA_REGISTERED)
    inboxes.clock.advance(minutes=1)
    await inboxes.run_job()
    assert sorted(message.title for message in inboxes.email.carried) == [
        "Boas-vindas à Peerseed",
        "Depósito confirmado",
    ]


async def test_a_closed_account_loses_its_addresses_for_good(inboxes: Inboxes) -> None:
    moved = events.ProfileUpdated(user_id=MARINA, display_name="Marina", email="nova@example.com")
    closed = events.AccountClosed(user_id=MARINA)
    for late in permutations(in_order(MARINA_REGISTERED, moved, closed)):
        user_id = uuid4()
        for event in late:
            await deliver(inboxes.subgraph, of_person(event, user_id))
        assert await addresses_of(inboxes, user_id) == ("", None, None)


async def test_an_older_address_that_comes_late_changes_nothing(inboxes: Inboxes) -> None:
    moved = [
        events.ProfileUpdated(user_id=MARINA, display_name="Marina", email=f"{number}@example.com") for number in (1, 2)
    ]
    for late in permutations(in_order(MARINA_REGISTERED, *moved)):
        user_id = uuid4()
        for event in late:
            await deliver(inboxes.subgraph, of_person(event, user_id))
        assert await addresses_of(inboxes, user_id) == ("Marina", "2@example.com", None)


def of_person(event: Event, user_id: UUID) -> Event:
    return replace(event, id=uuid4(), subject=str(user_id), data=event.data | {"user_id": str(user_id)})


async def addresses_of(inboxes: Inboxes, user_id: UUID) -> tuple[str, str | None, str | None]:
    async with inboxes.subgraph.database.read() as session:
        recipient = await session.get_one(models.Recipient, user_id)
    return recipient.display_name, recipient.email, recipient.phone


async def test_a_message_goes_to_the_newest_address(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.run_job()
    moved = events.ProfileUpdated(user_id=MARINA, display_name="Marina", email="nova@example.com")
    await inboxes.arrives(moved)
    await inboxes.arrives(ALERT)
    await inboxes.run_job()
    assert [(message.address, message.body) for message in inboxes.email.carried][-1] == (
        "nova@example.com",
        "Uma sessão sua foi usada em dois lugares e encerrada. Se não foi você, troque sua senha.",
    )
