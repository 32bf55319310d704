"""Quotas are bought of others: who may, of how many, what the wallet decides, and what the buyer sees of it."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from subgraphs.marketplace import models
from subgraphs.marketplace.schemas import heard
from subgraphs.shared.person_kind import PersonKind
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market, installment_id
from tests.subgraphs.marketplace.secondary_market import buy, held, offer, offers, purchases, swapped, traded


async def test_a_part_of_an_offer_is_bought(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    assert made | {"id": ""} == {
        "__typename": "QuotaOffer",
        "id": "",
        "status": "OPEN",
        "availableQuotas": 30,
        "pricePerQuota": {"amount": "101.00"},
        "isMine": True,
        "isCprLate": False,
    }
    await market.verify(CARLOS)
    asked = await buy(market, made["id"], 10)
    assert (asked["status"], asked["amount"]) == ("PENDING", {"amount": "1010.00"})
    assert (await offers(market))["nodes"][0]["availableQuotas"] == 20
    (wanted,) = await market.recorded("quotas_wanted")
    assert (wanted["position_id"], wanted["position_quotas"], wanted["quota_count"], wanted["price_minor"]) == (
        str(position),
        100,
        10,
        101_000,
    )
    market.clock.advance(minutes=1)
    fact = await swapped(market, asked["id"], fee_minor=1_010)
    await market.deliver(fact)
    await market.deliver(fact)
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]
    (sold,) = await market.recorded("quotas_sold")
    assert (sold["seller_id"], sold["net_minor"]) == (str(MARINA), 99_990)
    (bought,) = await market.recorded("quotas_bought")
    assert (bought["buyer_id"], bought["cpr_id"]) == (str(CARLOS), str(offering.cpr_id))


async def test_it_is_said_which_of_the_two_is_a_company(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.deliver(heard.IdentityVerified(user_id=CARLOS, person=PersonKind.LEGAL))
    await buy(market, made["id"], 10)
    (wanted,) = await market.recorded("quotas_wanted")
    assert (wanted["seller_person"], wanted["buyer_person"]) == ("NATURAL", "LEGAL")


async def test_a_refused_purchase_gives_the_quotas_back_to_the_offer(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    asked = await buy(market, made["id"], 30)
    assert (await buy(market, made["id"], 1))["availableQuotas"] == 0
    await market.deliver(heard.QuotaSwapRefused(purchase_id=uuid.UUID(asked["id"]), reason="INSUFFICIENT_FUNDS"))
    assert (await offers(market))["nodes"][0]["availableQuotas"] == 30
    assert await held(market) == [(MARINA, 100, 0, None)]
    (told,) = await market.recorded("quota_purchase_refused")
    assert told["reason"] == "INSUFFICIENT_FUNDS"


async def test_all_of_it_sold_ends_offer_and_position(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 100, "10.00")
    await market.verify(CARLOS)
    market.clock.advance(minutes=1)
    asked = await buy(market, made["id"], 100)
    await market.deliver(await swapped(market, asked["id"]))
    assert await held(market) == [(MARINA, 100, 100, "SOLD"), (CARLOS, 100, 0, None)]
    assert [node["status"] for node in (await offers(market, filter={"status": ["SOLD"]}))["nodes"]] == ["SOLD"]
    (closed,) = await market.recorded("quota_position_closed")
    assert (closed["position_id"], closed["ended_as"]) == (str(position), "SOLD")


async def test_many_who_buy_at_once_get_no_more_than_is_offered(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    people = [uuid.uuid5(CARLOS, f"buyer {place}") for place in range(6)]
    await market.verify(*people)
    asked = await asyncio.gather(*(buy(market, made["id"], 8, who=person) for person in people))
    assert sorted(each["__typename"] for each in asked) == ["QuotaPurchase"] * 3 + ["QuotasUnavailable"] * 3


async def test_a_purchase_is_of_the_minimum_or_of_all_that_is_left(market: Market) -> None:
    """Quotas of R$ 40: two are too few, three are not, and the last one is nobody's crumb."""
    _, position = await traded(market)
    made = await offer(market, position, 4, "40.00")
    assert (await buy(market, made["id"], 2))["minimum"] == {"amount": "100.00"}
    assert (await buy(market, made["id"], 3))["status"] == "PENDING"
    assert (await buy(market, made["id"], 1))["status"] == "PENDING"


async def test_a_purchase_that_waits_goes_on_though_the_cpr_defaults(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    await market.deliver(heard.CPRDefaulted(cpr_id=offering.cpr_id))
    assert (await buy(market, made["id"], 10))["offerStatus"] == "CPR_DEFAULTED"
    await market.deliver(await swapped(market, asked["id"]))
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]
    assert (await offer(market, uuid.UUID(asked["id"]), 1, who=CARLOS))["reason"] == "DEFAULTED"


def test_what_is_left_of_a_position_and_what_was_sold_cost_as_much_as_all_of_it() -> None:
    """Of two quotas for R$ 100.01 the wallet counts R$ 50.01 as the cost of the one that was sold first."""
    assert models.QuotaPosition(quota_count=2, amount_minor=100_01, sold_quotas=1).held_minor == 50_00


async def test_an_investment_is_of_the_quotas_that_are_left(market: Market) -> None:
    """85 % of R$ 280 of interest; a quarter of the quotas is sold, then one, then the rest."""
    _, position = await traded(market)
    fields = "... on Investment { status quotaCount heldQuotas summary expectedIncome { amount } }"
    headers = market.tokens.bearer(MARINA, "investor")
    reference = {"__typename": "Investment", "id": str(position)}

    async def seen() -> dict[str, Any]:
        (entity,) = (await market.entities(headers, fields, reference))["data"]["_entities"]
        return dict(entity)

    async def sell(quotas: int) -> None:
        made = await offer(market, position, quotas)
        asked = await buy(market, made["id"], quotas)
        await market.deliver(await swapped(market, asked["id"]))

    whole = {"__typename": "Investment", "status": "ACTIVE", "quotaCount": 100}
    assert await seen() == whole | {
        "heldQuotas": 100,
        "summary": "Investimento de R$ 10.000,00 (100 cotas): ativo",
        "expectedIncome": {"amount": "238.00"},
    }
    await sell(1)
    assert (await seen())["summary"] == "Investimento de R$ 10.000,00 (100 cotas, 1 vendida): ativo"
    await sell(24)
    assert await seen() == whole | {
        "heldQuotas": 75,
        "summary": "Investimento de R$ 10.000,00 (100 cotas, 25 vendidas): ativo",
        "expectedIncome": {"amount": "178.50"},
    }
    await sell(75)
    assert await seen() == whole | {
        "heldQuotas": 0,
        "summary": "Investimento de R$ 10.000,00 (100 cotas): vendido",
        "expectedIncome": {"amount": "0.00"},
    }


async def test_a_buyer_sees_what_became_of_each_purchase_and_nobody_else_does(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    asked = []
    for quotas in (1, 2, 3):
        asked.append((await buy(market, made["id"], quotas))["id"])
        market.clock.advance(minutes=1)
    await market.deliver(await swapped(market, asked[0]))
    await market.deliver(heard.QuotaSwapRefused(purchase_id=uuid.UUID(asked[1]), reason="SELLER_UNAVAILABLE"))
    assert [tuple(node.values()) for node in (await purchases(market))["nodes"]] == [
        (asked[2], "PENDING", None, "Compra de 3 cotas por R$ 303,00: em confirmação"),
        (asked[1], "REFUSED", "SELLER_UNAVAILABLE", "Compra de 2 cotas por R$ 202,00: não realizada, nada foi cobrado"),
        (asked[0], "COMPLETED", None, "Compra de 1 cota por R$ 101,00: concluída"),
    ]
    page = await purchases(market, first=2)
    assert [node["id"] for node in page["nodes"]] == [asked[2], asked[1]]
    rest = await purchases(market, first=2, after=page["pageInfo"]["endCursor"])
    assert ([node["id"] for node in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == ([asked[0]], False)
    ended = await purchases(market, status=["REFUSED", "COMPLETED"])
    assert [node["id"] for node in ended["nodes"]] == [asked[1], asked[0]]
    assert await purchases(market, of=MARINA, who=MARINA) == {
        "nodes": [],
        "pageInfo": page["pageInfo"] | {"hasNextPage": False, "endCursor": None},
    }
    assert await purchases(market, who=MARINA) is None


async def test_nobody_buys_of_themselves_or_their_own_cpr(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 10)
    assert (await buy(market, made["id"], 1, who=MARINA))["__typename"] == "OwnQuotas"
    await market.verify(offering.farmer_id)
    assert (await buy(market, made["id"], 1, who=offering.farmer_id))["__typename"] == "OwnOffering"


async def test_who_looked_before_an_installment_was_paid_looks_again_before_they_buy(market: Market) -> None:
    """At R$ 101 they would pay for R$ 60 that the seller has had."""
    cpr, position = await traded(market)
    made = await offer(market, position, 10)
    reference = {"__typename": "QuotaOffer", "id": made["id"]}
    fields = "... on QuotaOffer { remainingInstallments }"
    await market.verify(CARLOS)
    for remaining in (2, 1):
        (seen,) = (await market.entities(market.tokens.bearer(CARLOS, "investor"), fields, reference))["data"][
            "_entities"
        ]
        assert seen["remainingInstallments"] == remaining
        if remaining == 2:
            await market.deliver(
                heard.InstallmentPaid(
                    installment_id=installment_id(cpr.cpr_id, 1), cpr_id=cpr.cpr_id, paid_at=market.clock.now()
                )
            )
            assert (await buy(market, made["id"], 10))["remainingInstallments"] == 1
    assert (await buy(market, made["id"], 10, remaining=1))["status"] == "PENDING"
    (wanted,) = await market.recorded("quotas_wanted")
    assert (wanted["paid_installments"], wanted["principal_minor"], wanted["unpaid_principal_minor"]) == (
        1,
        1_000_000,
        400_000,
    )
    assert datetime.fromisoformat(wanted["offered_at"]) == market.clock.now()


async def test_what_a_part_of_an_installment_paid_is_no_longer_to_come(market: Market) -> None:
    """Of R$ 6,600 of the first installment 6,500 are paid: all its interest, and 5,900 of its principal."""
    cpr, position = await traded(market)
    made = await offer(market, position, 10)
    await market.verify(CARLOS)
    (line, *_) = await market.sql("SELECT principal_minor, interest_minor FROM installments ORDER BY number LIMIT 1")
    settled = line["interest_minor"] + line["principal_minor"] - 100_00
    part = {"installment_id": installment_id(cpr.cpr_id, 1), "cpr_id": cpr.cpr_id, "payment_number": 1}
    for said in (settled, settled - 1):  # an older fact that comes later opens nothing again
        await market.deliver(heard.InstallmentPartlyPaid(**part, settled_minor=said))
    assert (await buy(market, made["id"], 10))["remainingInstallments"] == 1
    assert (await buy(market, made["id"], 10, remaining=1))["status"] == "PENDING"
    (wanted,) = await market.recorded("quotas_wanted")
    assert (wanted["paid_installments"], wanted["received_payments"]) == (0, 1)
    assert wanted["unpaid_principal_minor"] == wanted["principal_minor"] - line["principal_minor"] + 100_00


@pytest.mark.parametrize("minutes", [30, 7])
async def test_a_purchase_is_good_for_as_long_as_the_parameter_says(market: Market, minutes: int) -> None:
    if minutes != 30:
        await market.sql(
            "INSERT INTO parameters VALUES ('swap_timeout_minutes', '2026-11-23', :minutes, 'for tests')",
            minutes=minutes,
        )
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    await buy(market, made["id"], 10)
    (wanted,) = await market.recorded("quotas_wanted")
    assert datetime.fromisoformat(wanted["good_until"]) == market.clock.now() + timedelta(minutes=minutes)
