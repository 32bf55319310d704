"""Quotas are offered by who holds them and bought by others: who may, what is said, and what the wallet decides."""

import asyncio
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.crud import secondary
from subgraphs.marketplace.schemas import events
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.standing import facts
from tests.subgraphs.marketplace.market import (
    CARLOS,
    MARINA,
    OTHER_FARMER,
    PHRASE,
    STRANGER,
    Market,
    OfferedCPR,
    activated,
    installment_id,
)

OFFER = """mutation ($input: OfferQuotasInput!) { offerQuotas(input: $input) {
  __typename ... on QuotaOffer { id status availableQuotas pricePerQuota { amount } isMine isCprLate }
  ... on Refusal { code } ... on FreshProofRequired { secondsMax }
  ... on CPRNotTraded { reason message messageEnglish }
  ... on QuotasUnavailable { availableQuotas }
  ... on InvalidInput { field } } }"""
BUY = """mutation ($input: BuyQuotasInput!) { buyQuotas(input: $input) {
  __typename ... on QuotaPurchase { id status summary amount { amount } } ... on Refusal { code }
  ... on QuotasUnavailable { availableQuotas } ... on BorrowerLimitExceeded { remaining { amount } }
  ... on BelowMinimum { minimum { amount } }
  ... on InstallmentPaidMeanwhile { remainingInstallments } ... on FreshProofRequired { secondsMax }
  ... on QuotaOfferClosed { offerStatus } ... on ConcentrationNotConfirmed { share } } }"""
WITHDRAW = """mutation ($input: WithdrawQuotaOfferInput!) { withdrawQuotaOffer(input: $input) {
  __typename ... on QuotaOffer { status } ... on Refusal { code } } }"""
OTHER = uuid.UUID("0a000000-0000-4000-8000-000000000003")
"""Another who has lent."""
LIST = """query ($filter: QuotaOfferFilter, $sort: QuotaOfferSort! = CHEAPEST, $first: Int, $after: String) {
  secondaryOffers(filter: $filter, sort: $sort, first: $first, after: $after) {
    nodes { pricePerQuota { amount } availableQuotas status cpr { id } } pageInfo { hasNextPage endCursor } } }"""


PURCHASES = """query ($r: [_Any!]!, $status: [QuotaPurchaseStatus!], $first: Int, $after: String) {
  _entities(representations: $r) { ... on User { quotaPurchases(status: $status, first: $first, after: $after) {
    nodes { id status refusalReason summary } pageInfo { hasNextPage endCursor } } } } }"""


async def traded(market: Market, **changes: Any) -> tuple[OfferedCPR, uuid.UUID]:
    """A CPR of 100 quotas that Marina has lent all of, with two installments to come; and her position."""
    return await lent_by(market, MARINA, **changes)


async def lent_by(market: Market, investor: uuid.UUID, **changes: Any) -> tuple[OfferedCPR, uuid.UUID]:
    offering = await market.open_offering(**changes)
    position = await market.confirmed(offering, 100, who=investor)
    await market.disburse(offering)
    await market.deliver(activated(offering.cpr_id, (600_000, 20_000), (400_000, 8_000)))
    return offering, position


async def offer(market: Market, position: uuid.UUID, quotas: int, price: str = "101.00", **more: Any) -> Any:
    request = {
        "positionId": str(position),
        "quotaCount": quotas,
        "pricePerQuota": {"amount": price},
        "idempotencyKey": more.get("key", f"offer-{next(market.keys):06}"),
    }
    return await trade(market, OFFER, request, who=more.get("who", MARINA), proved_at=more.get("proved_at"))


async def buy(market: Market, offer_id: str, quotas: int, **more: Any) -> Any:
    request = {
        "offerId": offer_id,
        "quotaCount": quotas,
        "remainingInstallments": more.get("remaining", 2),
        "idempotencyKey": more.get("key", f"buy-{next(market.keys):06}"),
        "confirmationPhrase": more.get("phrase", PHRASE),
    }
    return await trade(market, BUY, request, who=more.get("who", CARLOS), proved_at=more.get("proved_at"))


async def trade(market: Market, document: str, request: Any, *, who: uuid.UUID, proved_at: float | None) -> Any:
    """The answer to who proved to be themselves just now, or at another time."""
    claims = {} if proved_at is None else {"auth_time": int(proved_at)}
    answer = await market.ask(document, market.tokens.bearer(who, "investor", **claims), input=request)
    assert "errors" not in answer, answer["errors"]
    (value,) = answer["data"].values()
    return value


async def swapped(market: Market, purchase_id: str, *, fee_minor: int = 0) -> events.QuotasSwapped:
    (row,) = await market.sql("SELECT amount_minor FROM quota_purchases WHERE id = :id", id=uuid.UUID(purchase_id))
    return events.QuotasSwapped(
        purchase_id=uuid.UUID(purchase_id),
        price_minor=row["amount_minor"],
        fee_minor=fee_minor,
        tax_minor=0,
        net_minor=row["amount_minor"] - fee_minor,
        swapped_at=market.clock.now(),
    )


async def offers(market: Market, **variables: Any) -> Any:
    return (await market.ask_as(CARLOS, LIST, "investor", **variables))["secondaryOffers"]


async def purchases(market: Market, *, of: uuid.UUID = CARLOS, who: uuid.UUID = CARLOS, **variables: Any) -> Any:
    reference = {"__typename": "User", "id": str(of)}
    (person,) = (await market.ask_as(who, PURCHASES, "investor", r=[reference], **variables))["_entities"]
    return person["quotaPurchases"]


async def held(market: Market) -> list[tuple[Any, ...]]:
    rows = await market.sql(
        "SELECT investor_id, quota_count, sold_quotas, ended_as FROM quota_positions ORDER BY valid_from, id"
    )
    return [tuple(row.values()) for row in rows]


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


async def test_a_refused_purchase_gives_the_quotas_back_to_the_offer(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    asked = await buy(market, made["id"], 30)
    assert (await buy(market, made["id"], 1))["availableQuotas"] == 0
    await market.deliver(events.QuotaSwapRefused(purchase_id=uuid.UUID(asked["id"]), reason="INSUFFICIENT_FUNDS"))
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


async def test_many_who_buy_at_once_get_no_more_than_is_offered(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    people = [uuid.uuid5(CARLOS, f"buyer {place}") for place in range(6)]
    await market.verify(*people)
    asked = await asyncio.gather(*(buy(market, made["id"], 8, who=person) for person in people))
    assert sorted(each["__typename"] for each in asked) == ["QuotaPurchase"] * 3 + ["QuotasUnavailable"] * 3


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


async def test_a_purchase_is_of_the_minimum_or_of_all_that_is_left(market: Market) -> None:
    """Quotas of R$ 40: two are too few, three are not, and the last one is nobody's crumb."""
    _, position = await traded(market)
    made = await offer(market, position, 4, "40.00")
    assert (await buy(market, made["id"], 2))["minimum"] == {"amount": "100.00"}
    assert (await buy(market, made["id"], 3))["status"] == "PENDING"
    assert (await buy(market, made["id"], 1))["status"] == "PENDING"


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
            events.InstallmentPaid(
                installment_id=installment_id(offering.cpr_id, number),
                cpr_id=offering.cpr_id,
                paid_at=market.clock.now(),
            )
        )
    with pytest.raises(NotYet):
        await market.deliver(events.CPRSettled(cpr_id=offering.cpr_id))
    assert (await buy(market, made["id"], 10))["offerStatus"] == "CPR_SETTLED"
    assert (await offer(market, position, 10))["reason"] == "SETTLED"


async def test_a_purchase_that_waits_goes_on_though_the_cpr_defaults(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    await market.deliver(events.CPRDefaulted(cpr_id=offering.cpr_id))
    assert (await buy(market, made["id"], 10))["offerStatus"] == "CPR_DEFAULTED"
    await market.deliver(await swapped(market, asked["id"]))
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]
    assert (await offer(market, uuid.UUID(asked["id"]), 1, who=CARLOS))["reason"] == "DEFAULTED"


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


async def test_what_was_refused_or_sold_counts_no_more_in_the_limits(market: Market) -> None:
    """Marina has lent R$ 10,000 to the farmer; once half is sold she may have R$ 10,000 with them again."""
    _, position = await traded(market)
    made = await offer(market, position, 50)
    asked = await buy(market, made["id"], 50)
    await market.deliver(await swapped(market, asked["id"]))
    dear = await offer(market, uuid.UUID(asked["id"]), 50, "300.00", who=CARLOS)
    assert (await buy(market, dear["id"], 34, who=MARINA))["remaining"] == {"amount": "10000.00"}
    again = await buy(market, dear["id"], 33, who=MARINA)
    await market.deliver(events.QuotaSwapRefused(purchase_id=uuid.UUID(again["id"]), reason="INSUFFICIENT_FUNDS"))
    assert (await buy(market, dear["id"], 33, who=MARINA))["status"] == "PENDING"


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
    await market.deliver(events.QuotaSwapRefused(purchase_id=uuid.UUID(asked[1]), reason="SELLER_UNAVAILABLE"))
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


async def test_the_limits_of_investing_hold_for_the_buyer(market: Market) -> None:
    """What Carlos has asked for counts at once: with a second purchase he would pass R$ 15,000 with one farmer."""
    _, position = await traded(market)
    made = await offer(market, position, 100, "200.00")
    await market.verify(CARLOS)
    assert (await buy(market, made["id"], 60, phrase=None))["share"] == "1.0000"
    assert (await buy(market, made["id"], 60))["status"] == "PENDING"
    assert (await buy(market, made["id"], 16))["remaining"] == {"amount": "3000.00"}
    assert (await buy(market, made["id"], 15))["status"] == "PENDING"


async def test_selling_each_other_quotas_for_a_cent_gives_no_limit_back(market: Market) -> None:
    """Marina has lent R$ 10,000 and buys of Carlos for a cent each what she sold him: it counts as what was lent."""
    _, position = await traded(market)
    made = await offer(market, position, 100, "0.01")
    await market.verify(CARLOS)
    sold = await buy(market, made["id"], 100)
    await market.deliver(await swapped(market, sold["id"]))
    back = await offer(market, uuid.UUID(sold["id"]), 100, "0.01", who=CARLOS)
    returned = await buy(market, back["id"], 100, who=MARINA)
    assert (returned["status"], returned["amount"]) == ("PENDING", {"amount": "1.00"})
    await market.verify(OTHER)
    _, other = await lent_by(market, OTHER)
    dear = await offer(market, other, 51, "100.00", who=OTHER)
    assert (await buy(market, dear["id"], 51, who=MARINA))["remaining"] == {"amount": "5000.00"}
    await market.deliver(await swapped(market, returned["id"]))
    assert (await buy(market, dear["id"], 51, who=MARINA))["remaining"] == {"amount": "5000.00"}
    assert (await buy(market, dear["id"], 50, who=MARINA))["status"] == "PENDING"


async def test_quotas_below_their_value_count_as_what_was_lent_for_them(market: Market) -> None:
    """Of two CPRs of one farmer Carlos could otherwise have R$ 20,000 for two reais."""
    await market.verify(CARLOS, OTHER)
    for seller, quotas, answer in ((MARINA, 100, "QuotaPurchase"), (OTHER, 51, "BorrowerLimitExceeded")):
        _, position = await lent_by(market, seller)
        made = await offer(market, position, quotas, "0.01", who=seller)
        assert (await buy(market, made["id"], quotas))["__typename"] == answer


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
                events.InstallmentPaid(
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
    await market.deliver(events.CPRDefaulted(cpr_id=offering.cpr_id))
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert seen["status"] == "CPR_DEFAULTED"
    assert (await offer(market, position, 1))["reason"] == "DEFAULTED"
    (told,) = await market.recorded("quota_offer_ended")
    assert (told["seller_id"], told["reason"]) == (str(MARINA), "CPR_DEFAULTED")
    await market.deliver(events.CPRRecovered(cpr_id=offering.cpr_id))
    assert (await offer(market, position, 1))["status"] == "OPEN"


async def test_settlement_waits_for_the_wallet_and_ends_what_was_bought(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    await market.verify(CARLOS)
    asked = await buy(market, made["id"], 10)
    with pytest.raises(NotYet, match="wait for the wallet"):
        await market.deliver(events.CPRSettled(cpr_id=offering.cpr_id))
    await market.deliver(await swapped(market, asked["id"]))
    await market.deliver(events.CPRSettled(cpr_id=offering.cpr_id))
    assert sorted(row[3] for row in await held(market)) == ["SETTLED", "SETTLED"]
    (closed,) = await market.recorded("quota_position_closed")
    assert (closed["position_id"], closed["investor_id"]) == (asked["id"], str(CARLOS))
    assert (await offers(market))["nodes"] == []


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


async def test_the_fair_price_is_what_is_to_come_brought_to_today(market: Market) -> None:
    """Of each quota: 60.00 + 85 % of 2.00 on 2027-01-10, and 40.00 + 85 % of 0.80 on 2027-02-10, at 15.5 % a year."""
    offering, position = await traded(market)
    query = """... on QuotaPosition { quotaCount cost { amount } wasBought fairPrice { pricePerQuota { amount }
      explanation explanationEnglish discountRate
      lines { number dueOn amount { amount } presentValue { amount } } } }"""
    headers = market.tokens.bearer(MARINA, "investor")
    reference = {"__typename": "QuotaPosition", "id": str(position)}
    market.clock.instant = datetime(2027, 1, 10, 12, tzinfo=UTC)
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert seen["fairPrice"]["lines"] == [
        {"number": 1, "dueOn": "2027-01-10", "amount": {"amount": "61.70"}, "presentValue": {"amount": "61.70"}},
        # 40.68 / 1.155 to the power 31/365
        {"number": 2, "dueOn": "2027-02-10", "amount": {"amount": "40.68"}, "presentValue": {"amount": "40.19"}},
    ]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": "101.89"}
    assert seen["fairPrice"]["explanation"] == (
        "Soma do que cada cota ainda recebe, após taxa e imposto, trazida a hoje a 15,5 % ao ano (risco B). "
        "Não considera atraso nem inadimplência."
    )
    assert seen["fairPrice"]["explanationEnglish"] == (
        "The sum of what each quota still receives, after fee and tax, brought to today at 15.5 % a year (risk B). "
        "It does not consider lateness or default."
    )
    paid = events.InstallmentPaid(
        installment_id=installment_id(offering.cpr_id, 1), cpr_id=offering.cpr_id, paid_at=market.clock.now()
    )
    await market.deliver(paid)
    (seen,) = (await market.entities(headers, query, reference))["data"]["_entities"]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": "40.19"}
    assert (await market.entities(market.tokens.bearer(CARLOS, "investor"), query, reference))["data"]["_entities"] == [
        None
    ]


@pytest.mark.parametrize(
    ("parameter", "value", "price"),
    [
        ("discount_rate_b", "0.30", "101.48"),  # 40.68 / 1.30 to the power 31/365 is 39.78
        ("discount_rate_c", "0.30", "101.89"),  # of another grade
        ("performance_fee_rate", "0.20", "101.75"),  # 61.60, and 40.64 of which 40.15 is left
        ("income_tax_rate", "0.20", "101.33"),  # 61.30, and 40.52 of which 40.03 is left
    ],
)
async def test_the_fair_price_is_by_the_parameters_of_the_day(
    market: Market, parameter: str, value: str, price: str
) -> None:
    _, position = await traded(market)
    await market.sql(f"INSERT INTO parameters VALUES ('{parameter}', '2027-01-10', {value}, 'for tests')")  # noqa: S608
    fields = "... on QuotaPosition { fairPrice { pricePerQuota { amount } } }"
    reference = {"__typename": "QuotaPosition", "id": str(position)}
    market.clock.instant = datetime(2027, 1, 10, 12, tzinfo=UTC)
    (seen,) = (await market.entities(market.tokens.bearer(MARINA, "investor"), fields, reference))["data"]["_entities"]
    assert seen["fairPrice"]["pricePerQuota"] == {"amount": price}


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
