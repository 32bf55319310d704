"""What ends an offer of quotas or halts it, and what becomes of purchases that wait."""

import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.crud import secondary
from subgraphs.marketplace.schemas import heard
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import facts
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market, installment_id
from tests.subgraphs.marketplace.secondary_market import WITHDRAW, buy, held, offer, offers, swapped, traded


async def test_an_offer_that_is_bought_and_withdrawn_at_once_is_one_or_the_other(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    withdraw = market.ask_as(MARINA, WITHDRAW, "investor", input={"offerId": made["id"]})
    asked, ended = await asyncio.gather(buy(market, made["id"], 10), withdraw)
    assert ended["withdrawQuotaOffer"]["status"] == "WITHDRAWN"
    wanted = await market.recorded("quotas_wanted")
    assert len(wanted) == (asked["__typename"] == "QuotaPurchase")
    reserved = 10 if wanted else 0
    assert (await offer(market, position, 100))["availableQuotas" if reserved else "status"] == (
        90 if reserved else "OPEN"
    )


async def test_nothing_is_bought_of_who_is_locked_out_until_they_are_back(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.deliver(facts.UserSuspended(user_id=MARINA))
    assert (await buy(market, made["id"], 1))["availableQuotas"] == 0
    await market.deliver(facts.UserReactivated(user_id=MARINA))
    assert (await buy(market, made["id"], 1))["status"] == "PENDING"


async def test_nothing_is_traded_when_everything_is_paid_though_the_settlement_waits(market: Market) -> None:
    """Otherwise those who go on buying would put it off for ever."""
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    await buy(market, made["id"], 10)
    for number in (1, 2):
        await market.deliver(
            heard.InstallmentPaid(
                installment_id=installment_id(offering.cpr_id, number),
                cpr_id=offering.cpr_id,
                paid_at=market.clock.now(),
            )
        )
    with pytest.raises(NotYet):
        await market.deliver(heard.CPRSettled(cpr_id=offering.cpr_id))
    assert (await buy(market, made["id"], 10))["offerStatus"] == "CPR_SETTLED"
    assert (await offer(market, position, 10))["reason"] == "SETTLED"


async def test_an_answer_waits_for_the_settlement_that_is_under_way(market: Market) -> None:
    """Both take the offering first: otherwise each could wait for what the other has locked."""
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    fact = await swapped(market, asked["id"])
    async with market.subgraph.database.begin() as session:
        await offering_rows.lock_offering(session, offering.id)
        answered = asyncio.create_task(market.deliver(fact))
        async with asyncio.timeout(30):
            while not await market.sql("SELECT pid FROM pg_locks WHERE NOT granted"):
                continue
        assert [open_offer.id for open_offer in await secondary.lock_open_offers(session, offering.cpr_id)] == [
            uuid.UUID(made["id"])
        ]
    await answered
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]


async def test_a_withdrawn_offer_takes_no_more_but_what_waits_goes_on(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    asked = await buy(market, made["id"], 10)
    withdraw = {"offerId": made["id"]}
    assert (await market.ask_as(CARLOS, WITHDRAW, "investor", input=withdraw))["withdrawQuotaOffer"]["__typename"] == (
        "QuotaOfferNotFound"
    )
    for _ in range(2):
        ended = (await market.ask_as(MARINA, WITHDRAW, "investor", input=withdraw))["withdrawQuotaOffer"]
        assert ended == {"__typename": "QuotaOffer", "status": "WITHDRAWN"}
    assert (await buy(market, made["id"], 1))["offerStatus"] == "WITHDRAWN"
    assert (await offer(market, position, 91))["availableQuotas"] == 90
    await market.deliver(await swapped(market, asked["id"]))
    assert (await held(market))[0] == (MARINA, 100, 10, None)
    assert (await offer(market, position, 90))["status"] == "OPEN"


async def test_offers_stay_while_the_cpr_is_late_and_end_with_its_default(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    market.clock.instant = datetime(2027, 1, 12, 12, tzinfo=UTC)
    query = "... on QuotaOffer { status isCprLate }"
    headers = market.tokens.bearer(CARLOS, "investor")
    reference = {"__typename": "QuotaOffer", "id": made["id"]}
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert (seen["status"], seen["isCprLate"]) == ("OPEN", True)
    await market.deliver(heard.CPRDefaulted(cpr_id=offering.cpr_id))
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert seen["status"] == "CPR_DEFAULTED"
    assert (await offer(market, position, 1))["reason"] == "DEFAULTED"
    (told,) = await market.recorded("quota_offer_ended")
    assert (told["seller_id"], told["reason"]) == (str(MARINA), "CPR_DEFAULTED")
    await market.deliver(heard.CPRRecovered(cpr_id=offering.cpr_id))
    assert (await offer(market, position, 1))["status"] == "OPEN"


async def test_settlement_waits_for_the_wallet_and_ends_what_was_bought(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    asked = await buy(market, made["id"], 10)
    with pytest.raises(NotYet, match="wait for the wallet"):
        await market.deliver(heard.CPRSettled(cpr_id=offering.cpr_id))
    await market.deliver(await swapped(market, asked["id"]))
    await market.deliver(heard.CPRSettled(cpr_id=offering.cpr_id))
    assert sorted(row[3] for row in await held(market)) == ["SETTLED", "SETTLED"]
    (closed,) = await market.recorded("quota_position_closed")
    assert (closed["position_id"], closed["investor_id"]) == (asked["id"], str(CARLOS))
    assert (await offers(market))["nodes"] == []
