"""What is shown of quotas that are offered and held: their worth, what can be bought, what is to come."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.schemas import heard
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.standing import facts
from tests.builders.statements import counted_statements
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market, activated, installment_id
from tests.subgraphs.marketplace.secondary_market import OTHER, buy, held, lent_by, offer, offers, swapped, traded
from tests.subgraphs.marketplace.test_portfolio import portfolio

POSITIONS = "... on User { positions { nodes { cost { amount } outstanding { amount } } } }"
PRICES = """{ secondaryOffers { nodes {
  fairPrice { pricePerQuota { amount } } again: fairPrice { pricePerQuota { amount } } } } }"""


async def test_what_is_to_come_of_quotas_bought_late_does_not_depend_on_what_they_cost(market: Market) -> None:
    """Of R$ 10,000 in 100 quotas R$ 6,000 are paid back; ten more of them bring R$ 400, for R$ 400 or for less."""
    cpr, position = await traded(market)
    paid = heard.InstallmentPaid(
        installment_id=installment_id(cpr.cpr_id, 1), cpr_id=cpr.cpr_id, paid_at=market.clock.now()
    )
    await market.deliver(paid)
    for price in ("40.00", "35.00"):
        made = await offer(market, position, 10, price)
        market.clock.advance(minutes=1)
        asked = await buy(market, made["id"], 10, remaining=1)
        await market.deliver(await swapped(market, asked["id"]))
    me = {"__typename": "User", "id": str(CARLOS)}
    seen = await market.entities(market.tokens.bearer(CARLOS, "investor"), POSITIONS, me)
    assert seen["data"]["_entities"][0]["positions"]["nodes"] == [
        {"cost": {"amount": "350.00"}, "outstanding": {"amount": "400.00"}},
        {"cost": {"amount": "400.00"}, "outstanding": {"amount": "400.00"}},
    ]
    had = await portfolio(market, CARLOS)
    assert (had["invested"], had["outstanding"]) == ({"amount": "750.00"}, {"amount": "800.00"})
    assert (await portfolio(market, MARINA))["outstanding"] == {"amount": "3200.00"}


async def test_what_is_to_come_of_two_positions_in_one_cpr_is_rounded_once(market: Market) -> None:
    """R$ 100 and a third of a cent each: together 200.01, as the year's statement says."""
    cpr = await market.open_offering(principal_minor=30_000)
    await market.confirmed(cpr, 1)
    await market.confirmed(cpr, 1)
    await market.confirmed(cpr, 1, who=CARLOS)
    await market.disburse(cpr)
    await market.deliver(activated(cpr.cpr_id, (30_001, 0)))
    assert (await portfolio(market, MARINA))["outstanding"] == {"amount": "200.01"}
    assert (await portfolio(market, CARLOS))["outstanding"] == {"amount": "100.00"}


async def test_the_fair_price_of_a_cpr_is_reckoned_once_in_a_request(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned = []
    original = loaders.fair_price

    def noted(offering: Any, *given: Any, **named: Any) -> Any:
        reckoned.append(offering.cpr_id)
        return original(offering, *given, **named)

    monkeypatch.setattr(loaders, "fair_price", noted)
    cpr, position = await traded(market)
    for _ in range(3):
        await offer(market, position, 10)
    page = (await market.ask_as(CARLOS, PRICES, "investor"))["secondaryOffers"]
    assert len(page["nodes"]) == 3
    assert all(node["fairPrice"] == node["again"] for node in page["nodes"])
    assert reckoned == [cpr.cpr_id]


async def test_others_have_their_turn_between_two_fair_prices(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = 0
    seen = []
    original = loaders.fair_price

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def noted(*given: Any, **named: Any) -> Any:
        seen.append(turns)
        return original(*given, **named)

    monkeypatch.setattr(loaders, "fair_price", noted)
    for _ in range(3):
        _, position = await traded(market, farmer_id=uuid.uuid4())
        await offer(market, position, 10)
    other = asyncio.create_task(others())
    await market.ask_as(CARLOS, PRICES, "investor")
    other.cancel()
    assert len(seen) == len(set(seen)) == 3


async def test_nothing_is_available_of_who_is_locked_out(market: Market) -> None:
    _, position = await traded(market)
    await market.verify(OTHER)
    _, other = await lent_by(market, OTHER)
    await offer(market, position, 30, "101.00")
    await offer(market, other, 20, "102.00", who=OTHER)
    assert [node["availableQuotas"] for node in (await offers(market))["nodes"]] == [30, 20]
    await market.deliver(facts.UserSuspended(user_id=MARINA))
    assert [(node["availableQuotas"], node["status"]) for node in (await offers(market))["nodes"]] == [
        (0, "OPEN"),
        (20, "OPEN"),
    ]
    await market.deliver(facts.UserReactivated(user_id=MARINA))
    assert [node["availableQuotas"] for node in (await offers(market))["nodes"]] == [30, 20]


async def test_who_is_locked_out_is_asked_once_for_a_whole_page(market: Market) -> None:
    _, position = await traded(market)
    for _ in range(4):
        await offer(market, position, 10)
    query = "{ secondaryOffers { nodes { availableQuotas } } }"
    with counted_statements(market.subgraph.database) as statements:
        page = (await market.ask_as(CARLOS, query, "investor"))["secondaryOffers"]
    assert len(page["nodes"]) == 4
    # The offers; who offers them.
    assert len(statements) == 2


def disowned(market: Market, *, kind: str = "CHANGE_DISOWNED") -> Event:
    return replace(Event.of(heard.SecurityAlert(user_id=MARINA, kind=kind)), time=market.clock.now())


async def test_what_a_thief_has_offered_is_withdrawn_when_the_owner_says_that_it_was_not_them(market: Market) -> None:
    _, position = await traded(market)
    await market.verify(OTHER)
    _, of_other = await lent_by(market, OTHER)
    first = await offer(market, position, 10, "101.00")
    await offer(market, position, 10, "102.00")
    await offer(market, of_other, 10, "103.00", who=OTHER)
    asked = await buy(market, first["id"], 5)
    told = disowned(market)
    assert await market.deliver(disowned(market, kind="EMAIL_CHANGED")) == 1
    assert [node["status"] for node in (await offers(market))["nodes"]] == ["OPEN"] * 3
    assert await market.deliver(told) == 1
    assert [node["pricePerQuota"]["amount"] for node in (await offers(market))["nodes"]] == ["103.00"]
    withdrawn = await offers(market, filter={"status": ["WITHDRAWN"]})
    assert [node["pricePerQuota"]["amount"] for node in withdrawn["nodes"]] == ["101.00", "102.00"]
    assert (await buy(market, first["id"], 1))["offerStatus"] == "WITHDRAWN"
    market.clock.advance(minutes=1)
    await market.deliver(await swapped(market, asked["id"]))
    assert await held(market) == [(MARINA, 100, 5, None), (OTHER, 100, 0, None), (CARLOS, 5, 0, None)]


async def test_what_is_offered_after_it_was_said_stays(market: Market) -> None:
    _, position = await traded(market)
    told = disowned(market)
    market.clock.instant += timedelta(seconds=1)
    await offer(market, position, 10)
    await market.deliver(told)
    assert [node["status"] for node in (await offers(market))["nodes"]] == ["OPEN"]


async def test_an_offer_is_told_once_so_that_its_owner_learns_of_a_thief(market: Market) -> None:
    cpr, position = await traded(market)
    made = await offer(market, position, 10, "35.00", key="the-same-key")
    await offer(market, position, 10, "35.00", key="the-same-key")
    assert await market.recorded("quotas_offered") == [
        {
            "offer_id": made["id"],
            "cpr_id": str(cpr.cpr_id),
            "seller_id": str(MARINA),
            "quota_count": 10,
            "price_minor": 3_500,
        }
    ]
