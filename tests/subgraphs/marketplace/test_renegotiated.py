"""While a CPR is renegotiated nobody trades its quotas; a new schedule is what they bring from then on."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.marketplace.schemas import events, heard
from subgraphs.shared.messaging.reactions import NotYet
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market, OfferedCPR, installment_id, renegotiated
from tests.subgraphs.marketplace.secondary_market import OTHER, buy, held, offer, swapped, traded

PROPOSAL = uuid.UUID(int=0x9E)


def proposed(offering: OfferedCPR, renegotiation_id: uuid.UUID = PROPOSAL) -> heard.RenegotiationProposed:
    return heard.RenegotiationProposed(renegotiation_id=renegotiation_id, cpr_id=offering.cpr_id)


async def stop(market: Market, offering: OfferedCPR) -> events.TradingStopped:
    """The marketplace hears of the proposal, and hands what it says of it to itself."""
    await market.deliver(proposed(offering))
    return events.TradingStopped.model_validate((await market.recorded("trading_stopped"))[-1])


async def roll(market: Market) -> list[Any]:
    return [
        (fact["quota_count"], [(holder["investor_id"], holder["quota_count"]) for holder in fact["holders"]])
        for fact in await market.recorded("quota_roll_told")
    ]


async def test_a_proposal_ends_offers_and_its_end_lets_new_ones_be_made(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    await stop(market, offering)
    assert (await buy(market, made["id"], 10))["offerStatus"] == "CPR_RENEGOTIATING"
    assert (await offer(market, position, 30))["reason"] == "RENEGOTIATING"
    (ended,) = await market.recorded("quota_offer_ended")
    assert (ended["offer_id"], ended["reason"]) == (made["id"], "CPR_RENEGOTIATING")
    await market.deliver(heard.RenegotiationEnded(cpr_id=offering.cpr_id))
    assert (await offer(market, position, 30))["status"] == "OPEN"


async def test_who_holds_is_told_once_every_purchase_is_answered(market: Market) -> None:
    offering, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    stopped = await stop(market, offering)
    with pytest.raises(NotYet):
        await market.deliver(stopped)
    await market.deliver(await swapped(market, asked["id"]))
    await market.deliver(stopped)
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]
    assert await roll(market) == [(100, sorted([(str(MARINA), 90), (str(CARLOS), 10)]))]


async def test_two_positions_of_one_holder_are_one_vote(market: Market) -> None:
    offering, position = await traded(market)
    for _ in range(2):
        made = await offer(market, position, 10)
        asked = await buy(market, made["id"], 10)
        await market.deliver(await swapped(market, asked["id"]))
    await market.deliver(await stop(market, offering))
    assert await roll(market) == [(100, sorted([(str(MARINA), 80), (str(CARLOS), 20)]))]


async def test_a_roll_of_many_holders_is_told_in_parts(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HOLDERS_PER_EVENT_MAX", 1)
    offering = await market.open_offering()
    await market.verify(OTHER)
    for person, quotas in ((MARINA, 60), (CARLOS, 30), (OTHER, 10)):
        await market.confirmed(offering, quotas, who=person)
    await market.disburse(offering)
    await market.deliver(await stop(market, offering))
    told = await roll(market)
    assert [count for count, _ in told] == [100, 100, 100]
    assert sorted(holder for _, part in told for holder in part) == sorted(
        [(str(MARINA), 60), (str(CARLOS), 30), (str(OTHER), 10)]
    )


async def test_a_roll_of_a_proposal_that_has_ended_is_not_told(market: Market) -> None:
    offering, _ = await traded(market)
    stopped = await stop(market, offering)
    await market.deliver(heard.RenegotiationEnded(cpr_id=offering.cpr_id))
    await market.deliver(stopped)
    assert await roll(market) == []


async def test_quotas_bring_what_the_new_schedule_says(market: Market) -> None:
    """The first installment is paid; 4,000.00 of principal are spread over two, with 120.00 of interest."""
    offering, position = await traded(market)
    await market.deliver(
        heard.InstallmentPaid(
            installment_id=installment_id(offering.cpr_id, 1), cpr_id=offering.cpr_id, paid_at=market.clock.now()
        )
    )
    await stop(market, offering)
    await market.deliver(renegotiated(offering.cpr_id, [2], (250_000, 9_000), (150_000, 3_000)))
    made = await offer(market, position, 30)
    assert made["status"] == "OPEN"
    query = """query ($r: [_Any!]!) { _entities(representations: $r) { ... on QuotaOffer {
      remainingInstallments fairPrice { lines { number } } } ... on User { portfolio {
      outstanding { amount } } } } }"""
    references = [{"__typename": "QuotaOffer", "id": made["id"]}, {"__typename": "User", "id": str(MARINA)}]
    seen, person = (await market.ask_as(MARINA, query, "investor", r=references))["_entities"]
    assert seen == {"remainingInstallments": 2, "fairPrice": {"lines": [{"number": 101}, {"number": 102}]}}
    assert person["portfolio"]["outstanding"] == {"amount": "4000.00"}
    asked = await buy(market, made["id"], 10)
    (wanted,) = await market.recorded("quotas_wanted")
    assert asked["status"] == "PENDING"
    told = ("paid_installments", "received_payments", "principal_minor", "unpaid_principal_minor")
    assert [wanted[name] for name in told] == [1, 1, 1_000_000, 400_000]


async def test_offers_are_in_the_order_of_the_rates_that_are_in_force(market: Market) -> None:
    """Told before the one that it follows, a second renegotiation waits for it."""
    offering, position = await traded(market)
    await stop(market, offering)
    later = renegotiated(offering.cpr_id, [101], (400_000, 9_000), rate="0.09")
    line = later.installments[0].model_copy(
        update={"installment_id": installment_id(offering.cpr_id, 201), "number": 201}
    )
    later = later.model_copy(update={"installments": [line]})
    with pytest.raises(NotYet):
        await market.deliver(later)
    rates = []
    for told in (renegotiated(offering.cpr_id, [1, 2], (400_000, 9_000), rate="0.12"), later):
        await market.deliver(told)
        made = await offer(market, position, 10)
        rates += await market.sql("SELECT annual_rate FROM quota_offers WHERE id = :id", id=uuid.UUID(made["id"]))
    assert rates == [{"annual_rate": Decimal("0.12")}, {"annual_rate": Decimal("0.09")}]


async def test_principal_paid_back_by_a_part_of_what_was_replaced_counts(market: Market) -> None:
    offering, position = await traded(market)
    await market.deliver(
        heard.InstallmentPartlyPaid(
            installment_id=installment_id(offering.cpr_id, 1),
            cpr_id=offering.cpr_id,
            payment_number=1,
            settled_minor=120_000,
        )
    )
    await market.deliver(renegotiated(offering.cpr_id, [1, 2], (900_000, 9_000)))
    made = await offer(market, position, 30)
    await buy(market, made["id"], 10, remaining=1)
    (wanted,) = await market.recorded("quotas_wanted")
    told = ("paid_installments", "received_payments", "principal_minor", "unpaid_principal_minor")
    assert [wanted[name] for name in told] == [0, 1, 1_000_000, 900_000]


async def test_a_schedule_that_replaces_what_is_not_known_is_waited_for(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 100, who=MARINA)
    await market.disburse(offering)
    with pytest.raises(NotYet):
        await market.deliver(renegotiated(offering.cpr_id, [1], (1_000_000, 9_000)))
