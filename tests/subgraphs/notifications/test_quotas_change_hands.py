"""Both sides are told when quotas change hands, and it stands in both their time lines."""

from uuid import UUID

import pytest
from sqlalchemy import select

from subgraphs.notifications import models
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.telling import reader_values
from subgraphs.notifications.domain.vocabulary import Language
from subgraphs.notifications.schemas import heard
from subgraphs.shared.messaging.event import EventPayload
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes

PURCHASE, CPR = UUID(int=7), UUID(int=21)
WANTED = heard.QuotasWanted(purchase_id=PURCHASE, buyer_id=MARINA)
BOUGHT = heard.QuotasBought(purchase_id=PURCHASE, cpr_id=CPR, buyer_id=MARINA, quota_count=4, amount_minor=42_000)
SOLD = heard.QuotasSold(purchase_id=PURCHASE, seller_id=SERGIO, quota_count=4, net_minor=41_580)


@pytest.mark.parametrize(
    ("fact", "person", "body"),
    [
        (BOUGHT, MARINA, "Você comprou 4 cotas de outro investidor por R$ 420,00."),
        (SOLD, SERGIO, "Você vendeu 4 cotas; R$ 415,80 entraram na sua carteira."),
        (
            heard.QuotaPurchaseRefused(purchase_id=PURCHASE, buyer_id=MARINA, reason="QUOTAS_SOLD"),
            MARINA,
            "Sua compra de cotas não foi realizada e nada foi cobrado: o vendedor não tem mais essas cotas.",
        ),
        (
            heard.QuotaOfferEnded(offer_id=UUID(int=8), seller_id=SERGIO, reason="CPR_DEFAULTED"),
            SERGIO,
            "Sua oferta de cotas foi encerrada: a CPR está inadimplente. As cotas continuam suas.",
        ),
        (
            heard.QuotaOfferEnded(offer_id=UUID(int=8), seller_id=SERGIO, reason="CPR_SETTLED"),
            SERGIO,
            "Sua oferta de cotas foi encerrada: a CPR foi quitada e nada mais resta a receber.",
        ),
    ],
)
async def test_each_side_is_told_in_its_words(inboxes: Inboxes, fact: EventPayload, person: UUID, body: str) -> None:
    await inboxes.arrives(fact)
    async with inboxes.subgraph.database.read() as session:
        told = (await session.execute(select(models.Notification.user_id, models.Notification.body))).all()
    assert told == [(person, body)]


def bodies(fact: EventPayload) -> tuple[str, str]:
    words = TELLINGS[type(fact)].words
    portuguese, english = (reader_values(fact, language) for language in Language)
    return words.body.format(**portuguese), words.body_english.format(**english)


@pytest.mark.parametrize(
    ("fact", "portuguese", "english"),
    [
        (
            BOUGHT.model_copy(update={"quota_count": 1}),
            "Você comprou 1 cota de outro investidor por R$ 420,00.",
            "You bought 1 quota of another investor for R$ 420.00.",
        ),
        (
            SOLD.model_copy(update={"quota_count": 1}),
            "Você vendeu 1 cota; R$ 415,80 entraram na sua carteira.",
            "You sold 1 quota; R$ 415.80 arrived in your wallet.",
        ),
        (
            heard.InvestmentConfirmed(
                investment_id=UUID(int=9), cpr_id=CPR, investor_id=MARINA, quota_count=1, amount_minor=1_234_56
            ),
            "Você reservou 1 cota: R$ 1.234,56.",
            "You have reserved 1 quota: R$ 1,234.56.",
        ),
        (
            heard.QuotaPurchaseRefused(purchase_id=PURCHASE, buyer_id=MARINA, reason="SELLER_UNAVAILABLE"),
            "Sua compra de cotas não foi realizada e nada foi cobrado: o vendedor não pode vender agora.",
            "Your purchase of quotas was not made and nothing was charged: the seller cannot sell now.",
        ),
        (
            heard.InvestmentRefused(investment_id=UUID(int=9), investor_id=MARINA, reason="INSUFFICIENT_FUNDS"),
            "Seu investimento não foi realizado e nada foi cobrado: o saldo disponível não é suficiente.",
            "Your investment was not made and nothing was charged: the available balance is not enough.",
        ),
        (
            heard.InvestmentRefused(investment_id=UUID(int=9), investor_id=MARINA, reason="A_NEW_ONE"),
            "Seu investimento não foi realizado e nada foi cobrado: não foi possível continuar.",
            "Your investment was not made and nothing was charged: it could not go on.",
        ),
    ],
)
def test_one_quota_is_one_and_a_reason_is_said_in_words(fact: EventPayload, portuguese: str, english: str) -> None:
    assert bodies(fact) == (portuguese, english)


async def test_a_purchase_stands_in_the_buyers_time_line_from_the_moment_they_asked(inboxes: Inboxes) -> None:
    asked_at = inboxes.clock.now()
    await inboxes.arrives(WANTED)
    inboxes.clock.advance(minutes=5)
    await inboxes.arrives(heard.QuotaPurchaseRefused(purchase_id=PURCHASE, buyer_id=MARINA, reason="QUOTAS_SOLD"))
    await inboxes.arrives(BOUGHT)
    async with inboxes.subgraph.database.read() as session:
        kept = (await session.execute(select(models.Activity.user_id, models.Activity.occurred_at))).all()
    assert kept == [(MARINA, asked_at)]


async def test_a_purchase_stands_in_two_time_lines(inboxes: Inboxes) -> None:
    await inboxes.arrives(WANTED)
    await inboxes.arrives(SOLD)
    await inboxes.arrives(SOLD)
    async with inboxes.subgraph.database.read() as session:
        kept = (await session.execute(select(models.Activity.user_id, models.Activity.type))).all()
    assert sorted(kept) == sorted([(MARINA, "QuotaPurchase"), (SERGIO, "QuotaPurchase")])
