"""Quotas are offered by who holds them: who may, how many, for how much, and how often they have to ask."""

import asyncio
import time

import pytest

from tests.subgraphs.marketplace.market import CARLOS, MARINA, OTHER_FARMER, STRANGER, Market, activated
from tests.subgraphs.marketplace.secondary_market import buy, offer, offers, traded


async def test_quotas_are_offered_once(market: Market) -> None:
    _, position = await traded(market)
    await offer(market, position, 60)
    assert (await offer(market, position, 41))["availableQuotas"] == 40
    assert (await offer(market, position, 40))["status"] == "OPEN"


async def test_only_the_holder_offers_and_only_what_is_lent(market: Market) -> None:
    _, position = await traded(market)
    await market.verify(CARLOS)
    assert (await offer(market, position, 1, who=CARLOS))["__typename"] == "PositionNotFound"
    assert (await offer(market, position, 1, who=STRANGER))["__typename"] == "InvestorNotVerified"
    pending = await market.open_offering(farmer_id=OTHER_FARMER)
    waiting = await market.confirmed(pending, 10, who=MARINA)
    refused = await offer(market, waiting, 1)
    assert (refused["reason"], refused["message"], refused["messageEnglish"]) == (
        "NOT_ACTIVE",
        "As cotas desta CPR não podem ser negociadas agora: o crédito ainda não foi liberado.",
        "Quotas of this CPR cannot be traded now: its money is not lent yet.",
    )


async def test_what_is_not_heard_of_yet_uses_up_no_key(market: Market) -> None:
    """That the wallet holds the money, that it is lent, and by which schedule, is told by others."""
    offering = await market.open_offering()
    position = await market.invest(offering, 100)
    assert (await offer(market, position, 10, key="offer-early"))["__typename"] == "PositionNotFound"
    await market.deliver(await market.hold_for(position))
    assert (await offer(market, position, 10, key="offer-early"))["reason"] == "NOT_ACTIVE"
    await market.disburse(offering)
    assert (await offer(market, position, 10, key="offer-early"))["reason"] == "NOT_ACTIVE"
    await market.deliver(activated(offering.cpr_id, (600_000, 20_000)))
    assert (await offer(market, position, 10, key="offer-early"))["status"] == "OPEN"


@pytest.mark.parametrize("price", ["-0.01", "0.00", "1000000.01", "9999999999999.99"])
async def test_a_quota_costs_between_a_cent_and_a_million(market: Market, price: str) -> None:
    _, position = await traded(market)
    assert (await offer(market, position, 1, price))["__typename"] == "InvalidInput"
    assert await market.sql("SELECT id FROM quota_offers") == []


@pytest.mark.parametrize("quotas", [-1, 0, 1_000_001])
async def test_nobody_offers_or_buys_less_than_one_or_more_than_a_million_quotas(market: Market, quotas: int) -> None:
    _, position = await traded(market)
    assert (await offer(market, position, quotas))["field"] == "quotaCount"
    made = await offer(market, position, 10)
    assert (await buy(market, made["id"], quotas))["__typename"] == "InvalidInput"
    assert await market.sql("SELECT id FROM quota_purchases") == []


async def test_two_offers_at_once_do_not_offer_the_same_quotas(market: Market) -> None:
    _, position = await traded(market)
    made = await asyncio.gather(*(offer(market, position, 60) for _ in range(4)))
    assert sorted(each["__typename"] for each in made) == ["QuotaOffer", *["QuotasUnavailable"] * 3]


@pytest.mark.parametrize("age", [301, 3_600])
async def test_without_a_fresh_proof_neither_quotas_nor_their_price_leave_a_person(market: Market, age: int) -> None:
    _, position = await traded(market)
    proved_at = time.time() - age
    refused = await offer(market, position, 10, proved_at=proved_at)
    assert (refused["__typename"], refused["secondsMax"]) == ("FreshProofRequired", 300)
    made = await offer(market, position, 10)
    await market.verify(CARLOS)
    refused = await buy(market, made["id"], 10, proved_at=proved_at)
    assert (refused["__typename"], refused["secondsMax"]) == ("FreshProofRequired", 300)
    assert await market.recorded("quotas_wanted") == []
    await market.sql("INSERT INTO parameters VALUES ('fresh_proof_seconds', '2020-01-02', 7200, 'for tests')")
    assert (await buy(market, made["id"], 10, proved_at=proved_at))["status"] == "PENDING"


async def test_a_key_used_again_is_the_first_answer_or_a_refusal(market: Market) -> None:
    _, position = await traded(market)
    first = await offer(market, position, 10, key="the-same-key")
    assert (await offer(market, position, 10, key="the-same-key"))["id"] == first["id"]
    assert (await offer(market, position, 11, key="the-same-key"))["__typename"] == "IdempotencyKeyReused"
    await market.verify(CARLOS)
    asked = await buy(market, first["id"], 5, key="the-same-key")
    assert (await buy(market, first["id"], 5, key="the-same-key"))["id"] == asked["id"]
    assert (await buy(market, first["id"], 6, key="the-same-key"))["__typename"] == "IdempotencyKeyReused"
    assert len(await market.recorded("quotas_wanted")) == 1


async def test_the_list_is_filtered_sorted_and_paged(market: Market) -> None:
    soy, position = await traded(market)
    for price in ("103.00", "101.00", "102.00"):
        await offer(market, position, 10, price)
        market.clock.advance(minutes=1)
    first = await offers(market, first=2)
    assert [node["pricePerQuota"]["amount"] for node in first["nodes"]] == ["101.00", "102.00"]
    rest = await offers(market, first=2, after=first["pageInfo"]["endCursor"])
    assert [node["pricePerQuota"]["amount"] for node in rest["nodes"]] == ["103.00"]
    newest = await offers(market, sort="NEWEST")
    assert [node["pricePerQuota"]["amount"] for node in newest["nodes"]] == ["102.00", "101.00", "103.00"]
    cheap = await offers(market, filter={"pricePerQuotaMax": "101.99"})
    assert [node["cpr"]["id"] for node in cheap["nodes"]] == [str(soy.cpr_id)]
    for price, found in (("9" * 40, 3), ("-" + "9" * 39, 0)):
        assert len((await offers(market, filter={"pricePerQuotaMax": price}))["nodes"]) == found
    assert (await offers(market, filter={"crop": ["COFFEE"]}))["nodes"] == []
    assert (await offers(market, filter={"grade": ["B"], "region": ["MT"]}))["nodes"] != []
