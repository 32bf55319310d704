"""Both sides are told when quotas change hands, and it stands in both their time lines."""

from uuid import UUID

import pytest
from sqlalchemy import select

from subgraphs.notifications import models
from subgraphs.notifications.schemas import events
from subgraphs.shared.messaging.event import EventPayload
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes

PURCHASE, CPR = UUID(int=7), UUID(int=21)
BOUGHT = events.QuotasBought(purchase_id=PURCHASE, cpr_id=CPR, buyer_id=MARINA, quota_count=4, amount_minor=42_000)
SOLD = events.QuotasSold(purchase_id=PURCHASE, seller_id=SERGIO, quota_count=4, net_minor=41_580)


@pytest.mark.parametrize(
    ("fact", "person", "body"),
    [
        (BOUGHT, MARINA, "Você comprou 4 cotas de outro investidor por R$ 420,00."),
        (SOLD, SERGIO, "Você vendeu 4 cotas; R$ 415,80 entraram na sua carteira."),
        (
            events.QuotaPurchaseRefused(purchase_id=PURCHASE, buyer_id=MARINA, reason="QUOTAS_SOLD"),
            MARINA,
            "Sua compra de cotas não foi realizada e nada foi cobrado.",
        ),
        (
            events.QuotaOfferEnded(offer_id=UUID(int=8), seller_id=SERGIO, reason="CPR_DEFAULTED"),
            SERGIO,
            "Sua oferta de cotas foi encerrada porque a CPR foi quitada ou está inadimplente. As cotas continuam suas.",
        ),
    ],
)
async def test_each_side_is_told_in_its_words(inboxes: Inboxes, fact: EventPayload, person: UUID, body: str) -> None:
    await inboxes.arrives(fact)
    async with inboxes.subgraph.database.read() as session:
        told = (await session.execute(select(models.Notification.user_id, models.Notification.body))).all()
    assert told == [(person, body)]


async def test_a_purchase_stands_in_two_time_lines(inboxes: Inboxes) -> None:
    await inboxes.arrives(BOUGHT)
    await inboxes.arrives(SOLD)
    await inboxes.arrives(SOLD)
    async with inboxes.subgraph.database.read() as session:
        kept = (await session.execute(select(models.Activity.user_id, models.Activity.type))).all()
    assert sorted(kept) == sorted([(MARINA, "QuotaPurchase"), (SERGIO, "QuotaPurchase")])
