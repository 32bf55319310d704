"""Money that goes back is told to whose it was, in words; and to nobody where that is not known."""

from uuid import UUID

import pytest

from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload
from tests.subgraphs.notifications.conftest import MARINA, Inboxes
from tests.subgraphs.notifications.test_inbox import inbox
from tests.subgraphs.notifications.test_time_line import ACTIVITIES

RETURN, CLAIM = UUID(int=21), UUID(int=22)
RETURNED = {"return_id": RETURN, "user_id": MARINA, "amount_minor": 100_00, "reason": "ANOTHER_PAYER"}

GOES_BACK = (
    "Um pagamento de R$ 100,00 está voltando para quem pagou: veio da conta de outra pessoa. Deposite de uma conta sua."
)
TAKEN_BACK = (
    "Voltaram ao banco de quem pagou R$ 100,00; foram liberados R$ 0,00. Você deve R$ 40,00, descontados dos "
    "próximos créditos."
)


@pytest.mark.parametrize(
    ("fact", "body", "subject"),
    [
        (
            heard.PaymentReturnRequested(**RETURNED, source="SUSPENSE"),
            GOES_BACK,
            ("PaymentReturn", RETURN),
        ),
        (
            heard.PaymentReturned(**RETURNED, source="SUSPENSE"),
            "R$ 100,00 voltaram para quem pagou.",
            ("PaymentReturn", RETURN),
        ),
        (
            heard.PaymentReturnFailed(**RETURNED, source="WALLET"),
            "O banco de quem pagou não aceitou R$ 100,00; voltaram para a sua carteira.",
            ("PaymentReturn", RETURN),
        ),
        (
            heard.MoneyClaimOpened(claim_id=CLAIM, user_id=MARINA, amount_minor=100_00, blocked_minor=60_00),
            "O banco de quem pagou pede R$ 100,00 de volta. Durante a análise, R$ 60,00 ficam bloqueados.",
            ("MoneyClaim", CLAIM),
        ),
        (
            heard.MoneyClaimEnded(
                claim_id=CLAIM, user_id=MARINA, outcome="PAID", taken_minor=100_00, released_minor=0, debt_minor=40_00
            ),
            TAKEN_BACK,
            ("MoneyClaim", CLAIM),
        ),
    ],
)
async def test_the_person_is_told(inboxes: Inboxes, fact: EventPayload, body: str, subject: tuple[str, UUID]) -> None:
    await inboxes.arrives(fact)
    (told,) = (await inbox(inboxes, MARINA))["notifications"]["nodes"]
    assert (told["body"], told["category"]) == (body, "DEPOSIT")
    assert (told["subjectType"], told["subjectId"]) == (subject[0], str(subject[1]))


async def test_what_is_nobodys_is_told_to_nobody(inboxes: Inboxes) -> None:
    nobodys = RETURNED | {"user_id": None}
    await inboxes.arrives(heard.PaymentReturnRequested(**nobodys, source="SUSPENSE"))
    await inboxes.arrives(heard.PaymentReturned(**nobodys, source="SUSPENSE"))
    await inboxes.arrives(heard.PaymentReturnFailed(**RETURNED, source="SUSPENSE"))
    await inboxes.arrives(heard.MoneyClaimOpened(claim_id=CLAIM, user_id=None, amount_minor=1, blocked_minor=0))
    assert (await inbox(inboxes, MARINA))["notifications"]["nodes"] == []


async def test_it_stands_in_the_time_line(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.PaymentReturnRequested(**RETURNED, source="SUSPENSE"))
    inboxes.clock.advance(hours=1)
    await inboxes.arrives(heard.MoneyClaimOpened(claim_id=CLAIM, user_id=MARINA, amount_minor=1, blocked_minor=1))
    answer = await inboxes.ask(ACTIVITIES, MARINA, id=str(MARINA))
    assert answer["data"]["_entities"][0]["activities"]["nodes"] == [
        {"__typename": "MoneyClaim", "id": str(CLAIM)},
        {"__typename": "PaymentReturn", "id": str(RETURN)},
    ]


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        ("PAID_BEFORE", "R$ 100,00 foram creditados na sua carteira: não podiam mais pagar a cobrança."),
        ("MORE_THAN_PAID", "R$ 100,00 foram creditados na sua carteira: sobraram do pagamento da sua CPR."),
    ],
)
async def test_what_is_left_of_a_payment_is_told_as_that(inboxes: Inboxes, reason: str, body: str) -> None:
    await inboxes.arrives(heard.SurplusCredited(payment_id=RETURN, user_id=MARINA, amount_minor=100_00, reason=reason))
    (told,) = (await inbox(inboxes, MARINA))["notifications"]["nodes"]
    assert (told["body"], told["category"]) == (body, "DEPOSIT")
