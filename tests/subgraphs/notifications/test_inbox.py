"""What lands in whose inbox, who may read it, and how it is marked as read."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from subgraphs.notifications import models
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.domain.telling import Telling, reader_values
from subgraphs.notifications.domain.vocabulary import Language
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes

INBOX = """query ($id: ID!, $unreadOnly: Boolean! = false, $first: Int, $after: String) {
  _entities(representations: [{__typename: "User", id: $id}]) { ... on User {
    unreadCount
    notifications(unreadOnly: $unreadOnly, first: $first, after: $after) {
      nodes { category title body isRead subjectType subjectId }
      pageInfo { hasNextPage endCursor }
    } } } }"""

INSTALLMENT = UUID(int=11)
DUE_SOON = heard.InstallmentDueSoon(
    installment_id=INSTALLMENT, farmer_id=SERGIO, number=1, due_on=date(2026, 12, 23), amount_minor=94560
)
DEPOSIT = heard.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1_000_000)


async def inbox(inboxes: Inboxes, person: UUID, **more: object) -> dict:
    answer = await inboxes.ask(INBOX, person, id=str(person), **more)
    assert "errors" not in answer
    return answer["data"]["_entities"][0]


@pytest.mark.parametrize(
    ("purpose", "called"),
    [
        ("TERMS_OF_USE", "os termos de uso"),
        ("INVESTMENT_RISK", "o aviso de risco ao investidor"),
        ("SOMETHING_NEW", "um texto da plataforma"),
    ],
)
async def test_a_new_text_is_called_by_its_name(inboxes: Inboxes, purpose: str, called: str) -> None:
    asked = heard.ConsentAsked(
        user_id=MARINA, purpose=purpose, valid_from=date(2026, 12, 1), earlier_good_until=date(2026, 12, 31)
    )
    await inboxes.arrives(asked)
    (node,) = (await inbox(inboxes, MARINA))["notifications"]["nodes"]
    assert node["title"] == "Texto atualizado"
    assert node["body"] == (
        f"Mudou algo que você aceitou: {called}. A nova versão vale a partir de 01/12/2026; leia e aceite no seu "
        "perfil. O aceite anterior deixa de valer em 31/12/2026."
    )


async def test_a_fact_is_told_in_the_persons_words(inboxes: Inboxes) -> None:
    await inboxes.arrives(DUE_SOON)
    seen = await inbox(inboxes, SERGIO)
    assert seen["unreadCount"] == 1
    assert seen["notifications"]["nodes"] == [
        {
            "category": "INSTALLMENT",
            "title": "Parcela a vencer",
            "body": "A parcela 1, de R$ 945,60, vence em 23/12/2026.",
            "isRead": False,
            "subjectType": "Installment",
            "subjectId": str(INSTALLMENT),
        }
    ]


CHECK, REQUEST = UUID(int=13), UUID(int=14)


@pytest.mark.parametrize(
    ("fact", "body", "subject"),
    [
        (
            heard.IdentityRejected(user_id=SERGIO, identity_check_id=CHECK),
            "Não foi possível verificar sua identidade. O motivo está no seu perfil.",
            ("IdentityCheck", str(CHECK)),
        ),
        (
            heard.IdentityRejectedV1.model_validate({"user_id": SERGIO, "reason": "Fale com Júlia Prado."}),
            "Não foi possível verificar sua identidade. O motivo está no seu perfil.",
            (None, None),
        ),
        (
            heard.IdentityUploadRequestedV1.model_validate({"user_id": SERGIO, "reason": "Fale com Júlia Prado."}),
            TELLINGS[heard.IdentityUploadRequested].words.body,
            (None, None),
        ),
        (
            heard.RequestRejectedV1.model_validate(
                {"credit_request_id": REQUEST, "farmer_id": SERGIO, "reason": "Fale com Júlia Prado."}
            ),
            "Seu pedido de crédito não foi aprovado. O motivo está no pedido.",
            ("CreditRequest", str(REQUEST)),
        ),
    ],
    ids=lambda part: type(part).__name__,
)
async def test_what_staff_wrote_about_somebody_is_read_where_it_belongs(
    inboxes: Inboxes, fact: EventPayload, body: str, subject: tuple[str | None, str | None]
) -> None:
    await inboxes.arrives(fact)
    (node,) = (await inbox(inboxes, SERGIO))["notifications"]["nodes"]
    assert (node["body"], (node["subjectType"], node["subjectId"])) == (body, subject)


async def test_the_same_fact_delivered_twice_is_told_once(inboxes: Inboxes) -> None:
    event = await inboxes.arrives(DEPOSIT)
    await inboxes.arrives(DEPOSIT, again=event)
    assert (await inbox(inboxes, MARINA))["unreadCount"] == 1


async def test_an_inbox_is_its_owners_only(inboxes: Inboxes) -> None:
    await inboxes.arrives(DEPOSIT)
    stranger = await inboxes.ask(INBOX, SERGIO, id=str(MARINA))
    assert stranger["data"]["_entities"] == [{"unreadCount": None, "notifications": None}]
    anonymous = await inboxes.ask(INBOX, None, id=str(MARINA))
    assert anonymous["data"]["_entities"] == [None]


ONE = """query ($id: ID!) { _entities(representations: [{__typename: "Notification", id: $id}]) {
  ... on Notification { title } } }"""


async def test_a_notification_by_key_is_absent_for_others(inboxes: Inboxes) -> None:
    await inboxes.arrives(DEPOSIT)
    async with inboxes.subgraph.database.read() as session:
        notification_id = str(await session.scalar(select(models.Notification.id)))
    mine = await inboxes.ask(ONE, MARINA, id=notification_id)
    assert mine["data"]["_entities"] == [{"title": "Depósito confirmado"}]
    assert (await inboxes.ask(ONE, SERGIO, id=notification_id))["data"]["_entities"] == [None]
    assert (await inboxes.ask(ONE, None, id=notification_id))["data"]["_entities"] == [None]
    by_query = "query ($id: ID!) { notification(id: $id) { title } }"
    assert (await inboxes.ask(by_query, SERGIO, id=notification_id))["data"] == {"notification": None}


MARK = """mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) {
  __typename ... on NotificationsMarkedRead { user { unreadCount } } ... on Refusal { code message } } }"""


async def test_marking_reads_ones_own_and_passes_over_others(inboxes: Inboxes) -> None:
    await inboxes.arrives(DEPOSIT)
    await inboxes.arrives(DUE_SOON)
    async with inboxes.subgraph.database.read() as session:
        ids = [str(id_) for id_ in await session.scalars(select(models.Notification.id))]
    answer = await inboxes.ask(MARK, MARINA, input={"ids": [*ids, "no-such-id"]})
    assert answer["data"]["markNotificationsRead"]["user"] == {"unreadCount": 0}
    assert (await inbox(inboxes, SERGIO))["unreadCount"] == 1


async def test_marking_without_ids_reads_the_whole_inbox(inboxes: Inboxes) -> None:
    for number in range(3):
        await inboxes.arrives(DEPOSIT.model_copy(update={"deposit_id": UUID(int=100 + number)}))
    await inboxes.ask(MARK, MARINA, input={})
    assert (await inbox(inboxes, MARINA, unreadOnly=True))["notifications"]["nodes"] == []


async def test_too_many_ids_are_refused_in_the_schema(inboxes: Inboxes) -> None:
    answer = await inboxes.ask(MARK, MARINA, input={"ids": [str(n) for n in range(501)]})
    assert answer["data"]["markNotificationsRead"] == {
        "__typename": "InvalidInput",
        "code": "InvalidInput",
        "message": "No máximo 500 notificações por vez.",
    }


async def test_pages_follow_each_other_newest_first(inboxes: Inboxes) -> None:
    for number in range(5):
        inboxes.clock.advance(minutes=1)
        await inboxes.arrives(DUE_SOON.model_copy(update={"number": number}))
    seen, after = [], None
    while True:
        page = (await inbox(inboxes, SERGIO, first=2, after=after))["notifications"]
        seen += [node["body"][10] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_a_forged_cursor_is_a_clients_error(inboxes: Inboxes) -> None:
    answer = await inboxes.ask(INBOX, SERGIO, id=str(SERGIO), after="bm90aGluZw==")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("payload_class", "telling"), [*TELLINGS.items(), *HOLDER_TELLINGS.items()], ids=lambda each: type(each).__name__
)
def test_every_telling_uses_fields_that_the_fact_has(payload_class: type[EventPayload], telling: Telling) -> None:
    words, fact = telling.words, payload_class.model_construct(**dict.fromkeys(payload_class.model_fields, "x"))
    for language, texts in {
        Language.PORTUGUESE: (words.title, words.body),
        Language.ENGLISH: (words.title_english, words.body_english),
    }.items():
        values = reader_values(fact, language)
        assert "{" not in "".join(text.format(**values) for text in texts)
    assert (telling.person or "cpr_id") in payload_class.model_fields
    assert telling.subject is None or telling.subject in payload_class.model_fields


@pytest.mark.parametrize(
    ("language", "amount", "due_on"),
    [(Language.PORTUGUESE, "R$ 1.234,56", "23/12/2026"), (Language.ENGLISH, "R$ 1,234.56", "2026-12-23")],
)
def test_readers_see_amounts_and_days_in_their_own_way(language: Language, amount: str, due_on: str) -> None:
    values = reader_values(DUE_SOON.model_copy(update={"amount_minor": 1_234_56}), language)
    assert (values["amount_minor"], values["due_on"]) == (amount, due_on)
