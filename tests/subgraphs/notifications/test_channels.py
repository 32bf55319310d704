"""Ways out of the app: preferences, retries, and what cannot be silenced."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text

from subgraphs.notifications import models
from subgraphs.notifications.crud.closed_people import close_person
from subgraphs.notifications.domain.dispatching import dispatch_due
from subgraphs.notifications.domain.templates import PUSH_CHARACTERS_MAX, shortened
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.ports.carrier import CarrierFailed, OutgoingMessage
from subgraphs.notifications.ports.sandbox_carrier import Misbehaviour
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.people import Person
from tests.subgraphs.notifications.conftest import MARINA, REGISTER, SERGIO, Inboxes

MARINA_REGISTERED = heard.UserRegistered(user_id=MARINA)
DEPOSIT = heard.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1_000_000)
ALERT = heard.SecurityAlert(user_id=MARINA, kind="REFRESH_TOKEN_REUSED")

SET = """mutation ($input: SetNotificationPreferenceInput!) { setNotificationPreference(input: $input) {
  __typename ... on NotificationPreference { enabled } ... on PreferenceFixed { message category channel } } }"""


CHOOSE = """mutation ($input: SetNotificationLanguageInput!) { setNotificationLanguage(input: $input) {
  ... on NotificationLanguageChoice { language } } }"""


async def choose(inboxes: Inboxes, language: str) -> None:
    answer = await inboxes.ask(CHOOSE, MARINA, input={"language": language})
    assert answer["data"] == {"setNotificationLanguage": {"language": language}}


async def switch(inboxes: Inboxes, category: str, channel: str, *, enabled: bool) -> dict:
    choice = {"category": category, "channel": channel, "enabled": enabled}
    return (await inboxes.ask(SET, MARINA, input=choice))["data"]["setNotificationPreference"]


async def test_a_notification_goes_out_over_both_channels(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert sorted((m.address, m.title, m.body.splitlines()[2]) for m in inboxes.email.carried()) == [
        ("marina@example.com", "Sua carteira: Depósito confirmado", "R$ 10.000,00 entraram na sua carteira."),
        ("marina@example.com", "Sua conta: Boas-vindas à Peerseed", "Sua conta foi criada."),
    ]
    assert sorted(m.title for m in inboxes.push.carried()) == ["Boas-vindas à Peerseed", "Depósito confirmado"]


async def test_a_switched_off_channel_stays_silent(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.run_job()
    before = len(inboxes.email.carried())
    answer = await switch(inboxes, "DEPOSIT", "EMAIL", enabled=False)
    assert answer == {"__typename": "NotificationPreference", "enabled": False}
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert inboxes.email.carried()[before:] == []
    assert inboxes.push.carried()[-1].title == "Depósito confirmado"


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


@pytest.mark.parametrize(
    ("fact", "title", "body"),
    [
        (ALERT, "Alerta de segurança", "Uma sessão sua foi usada em dois lugares e encerrada."),
        (
            heard.WithdrawalRequested(withdrawal_id=UUID(int=13), user_id=MARINA, amount_minor=12_300),
            "Saque solicitado",
            "Foi pedido um saque de R$ 123,00.",
        ),
        (
            heard.BankAccountRegistered(bank_account_id=UUID(int=14), user_id=MARINA),
            "Nova conta bancária",
            "Uma conta bancária foi cadastrada para seus saques.",
        ),
        (
            heard.QuotasOffered(offer_id=UUID(int=15), seller_id=MARINA, price_minor=3_500),
            "Cotas à venda",
            "Cotas suas foram postas à venda por R$ 35,00 cada.",
        ),
    ],
)
async def test_a_security_alert_goes_to_inbox_and_telephone_and_accounts_mails_it(
    inboxes: Inboxes, fact: EventPayload, title: str, body: str
) -> None:
    await inboxes.arrives(fact)
    await inboxes.run_job()
    async with inboxes.subgraph.database.read() as session:
        (told,) = (await session.scalars(select(models.Notification))).all()
    assert (told.title, told.body.startswith(f"{body} Se não foi você, ")) == (title, True)
    assert told.body.endswith("abra o link do e-mail que enviamos: ele para tudo.")
    assert told.body_english.endswith("open the link in the e-mail we sent: it stops everything.")
    assert [(m.title, m.body) for m in inboxes.push.carried()] == [(title, shortened(told.body, PUSH_CHARACTERS_MAX))]
    assert inboxes.email.carried() == []


async def test_who_disowned_a_change_is_told_what_was_done(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.SecurityAlert(user_id=MARINA, kind="CHANGE_DISOWNED"))
    async with inboxes.subgraph.database.read() as session:
        (message,) = (await session.scalars(select(models.Notification))).all()
    assert message.body.startswith(
        "Você nos disse que não foi você: encerramos todas as sessões e nada sai da carteira"
    )


@pytest.mark.parametrize("how", [Misbehaviour.REFUSE, Misbehaviour.TAKE_SILENTLY])
async def test_a_message_without_an_answer_is_carried_later_and_once(inboxes: Inboxes, how: Misbehaviour) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.run_job()
    before = len(inboxes.email.carried())
    inboxes.email.misbehave(how, times=1)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    async with inboxes.subgraph.database.read() as session:
        waiting = await session.scalars(select(models.Dispatch.status).where(models.Dispatch.attempts == 1))
        assert sorted(waiting) == ["PENDING", "SENT", "SENT", "SENT"]
    inboxes.clock.advance(minutes=1)
    await inboxes.run_job()
    await inboxes.run_job()
    assert [message.title for message in inboxes.email.carried()[before:]] == ["Sua carteira: Depósito confirmado"]


async def test_a_message_is_given_up_after_the_last_attempt_and_stays_in_the_inbox(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    inboxes.email.misbehave(Misbehaviour.REFUSE, times=1_000)
    for _ in range(10):
        await inboxes.run_job()
        inboxes.clock.advance(hours=1)
    async with inboxes.subgraph.database.read() as session:
        dispatch = await session.scalar(select(models.Dispatch).where(models.Dispatch.channel == "EMAIL"))
        inbox = (await session.scalars(select(models.Notification))).all()
    assert dispatch is not None
    assert (dispatch.status, dispatch.attempts, dispatch.last_error) == ("FAILED", 6, "the sandbox was told to refuse")
    assert len(inbox) == 1


async def test_messages_wait_while_nobody_tells_the_addresses(inboxes: Inboxes) -> None:
    inboxes.people.away = True
    await inboxes.arrives(DEPOSIT)
    for _ in range(10):
        await inboxes.run_job()
        inboxes.clock.advance(minutes=1)
    inboxes.people.away = False
    await inboxes.run_job()
    assert [message.address for message in inboxes.email.carried()] == ["marina@example.com"]
    async with inboxes.subgraph.database.read() as session:
        dispatches = (await session.scalars(select(models.Dispatch))).all()
    assert [(dispatch.status, dispatch.attempts) for dispatch in dispatches] == [("SENT", 1)] * 2


async def test_nothing_goes_to_somebody_without_an_account(inboxes: Inboxes) -> None:
    inboxes.people.people.clear()
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert (inboxes.email.carried(), inboxes.push.carried()) == ([], [])
    async with inboxes.subgraph.database.read() as session:
        dispatches = (await session.scalars(select(models.Dispatch))).all()
    assert [(row.status, row.last_error) for row in dispatches] == [
        ("FAILED", "the person has no account any more")
    ] * 2


async def test_a_message_goes_to_the_newest_address(inboxes: Inboxes) -> None:
    await inboxes.arrives(MARINA_REGISTERED)
    await inboxes.arrives(DEPOSIT)
    inboxes.people.people[MARINA] = Person(email="nova@example.com")
    await inboxes.run_job()
    assert {message.address for message in inboxes.email.carried()} == {"nova@example.com"}
    assert any("R$ 10.000,00 entraram na sua carteira." in message.body for message in inboxes.email.carried())


async def test_a_carriers_words_are_kept_without_the_address(inboxes: Inboxes) -> None:
    class Talkative:
        async def carry(self, message: OutgoingMessage) -> None:
            raise CarrierFailed(f"550 no mailbox {message.address} here")

    carriers = {Channel.EMAIL: Talkative(), Channel.PUSH: inboxes.push}
    services = replace(inboxes.subgraph.services, carriers=carriers)
    await inboxes.arrives(DEPOSIT)
    await dispatch_due(inboxes.subgraph.database, services, inboxes.clock)
    async with inboxes.subgraph.database.read() as session:
        errors = (await session.scalars(select(models.Dispatch.last_error))).all()
    assert set(errors) == {"550 no mailbox … here", None}


async def test_what_was_told_as_it_used_to_be_is_told(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.UserRegisteredV1(user_id=MARINA))
    await inboxes.arrives(heard.IdentityVerifiedV1(user_id=MARINA))
    await inboxes.run_job()
    assert sorted(message.title for message in inboxes.email.carried()) == [
        "Sua conta: Boas-vindas à Peerseed",
        "Sua conta: Identidade verificada",
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["closed last", "closed first"])
async def test_a_closed_account_leaves_no_inbox_behind(inboxes: Inboxes, order: int) -> None:
    told = [MARINA_REGISTERED, DEPOSIT, heard.AccountClosed(user_id=MARINA)]
    await switch(inboxes, "DEPOSIT", "EMAIL", enabled=False)
    await choose(inboxes, "ENGLISH")
    for payload in told[::order]:
        await inboxes.arrives(payload)
    async with inboxes.subgraph.database.read() as session:
        for model in (
            models.Notification, models.Dispatch, models.Activity, models.Preference, models.ChosenLanguage,
            models.PushDevice,
        ):  # fmt: skip
            assert (await session.scalars(select(model))).all() == []
        assert await session.scalar(select(models.ClosedPerson.user_id)) == MARINA


async def test_what_arrives_while_somebody_leaves_is_kept_nowhere(inboxes: Inboxes) -> None:
    database = inboxes.subgraph.database
    async with database.begin() as session:
        await close_person(session, MARINA, closed_at=inboxes.clock.now())
        arriving = asyncio.create_task(inboxes.arrives(DEPOSIT))
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not arriving.done() and not await session.scalar(waiting):
            continue
    await arriving
    async with database.read() as session:
        for model in (models.Notification, models.Dispatch, models.Activity):
            assert (await session.scalars(select(model))).all() == []


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        (CHOOSE, {"language": "ENGLISH"}),
        (SET, {"category": "DEPOSIT", "channel": "EMAIL", "enabled": False}),
        (REGISTER, {"token": "telephone-of-marina", "platform": "ANDROID"}),
    ],
    ids=["language", "preference", "device"],
)
async def test_what_is_said_by_a_token_of_before_leaves_nothing_of_who_has_left(
    inboxes: Inboxes, query: str, choice: dict[str, object]
) -> None:
    await inboxes.arrives(heard.AccountClosed(user_id=MARINA))
    answer = await inboxes.ask(query, MARINA, input=choice)
    assert answer["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED", "reason": "ACCOUNT_CLOSED"}
    async with inboxes.subgraph.database.read() as session:
        for model in (models.Preference, models.ChosenLanguage, models.PushDevice):
            assert (await session.scalars(select(model))).all() == []


async def test_what_goes_out_is_in_the_language_that_the_person_chose(inboxes: Inboxes) -> None:
    """Also what was told before they chose it and has not gone out yet."""
    query = """query ($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) { ... on User {
      notificationLanguage } } }"""
    await inboxes.arrives(DEPOSIT)
    await choose(inboxes, "PORTUGUESE")
    await choose(inboxes, "ENGLISH")
    await inboxes.run_job()
    (mail,), (push,) = inboxes.email.carried(), inboxes.push.carried()
    assert (mail.title, mail.language) == ("Your wallet: Deposit confirmed", "ENGLISH")
    assert (push.title, push.body) == ("Deposit confirmed", "R$ 10,000.00 arrived in your wallet.")
    seen = [(await inboxes.ask(query, who, id=str(MARINA)))["data"]["_entities"] for who in (MARINA, SERGIO)]
    assert seen == [[{"notificationLanguage": "ENGLISH"}], [{"notificationLanguage": None}]]


async def test_an_sms_goes_to_a_confirmed_phone_with_what_cannot_wait_or_was_asked_for(inboxes: Inboxes) -> None:
    inboxes.people.people[MARINA] = Person(email="marina@example.com", phone="+5511999990002")
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert inboxes.sms.carried() == []
    await inboxes.arrives(ALERT)
    await switch(inboxes, "DEPOSIT", "SMS", enabled=True)
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    assert [(sms.address, sms.title, sms.link) for sms in inboxes.sms.carried()] == [("+5511999990002", "", "")] * 2
    assert sorted(sms.body for sms in inboxes.sms.carried()) == [
        "Peerseed: R$ 10.000,00 entraram na sua carteira.",
        (
            "Peerseed: Uma sessao sua foi usada em dois lugares e encerrada. Se nao foi voce, abra o link do e-mail "
            "que enviamos: ele para tudo."
        ),
    ]


async def test_nothing_goes_to_an_address_that_there_is_not(inboxes: Inboxes) -> None:
    inboxes.people.people[MARINA] = Person()
    await inboxes.arrives(DEPOSIT)
    await inboxes.run_job()
    async with inboxes.subgraph.database.read() as session:
        rows = await session.scalars(select(models.Dispatch).order_by(models.Dispatch.channel))
        ends = [(row.channel, row.status, row.last_error) for row in rows]
    assert ends == [("EMAIL", "FAILED", "the person has no address for this channel"), ("PUSH", "SENT", None)]
    assert inboxes.email.carried() == []
