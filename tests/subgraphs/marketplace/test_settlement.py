"""After the funding: disbursed, repaid, settled; or the CPR is cancelled. In any order of arrival."""

import pytest

from subgraphs.marketplace.schemas import heard
from subgraphs.shared.messaging.reactions import NotYet
from tests.subgraphs.marketplace.market import (
    CARLOS,
    MARINA,
    OTHER_FARMER,
    Market,
    OfferedCPR,
    activated,
    again,
    installment_id,
    registered_cpr,
)


async def funded(market: Market) -> OfferedCPR:
    offering = await market.open_offering()
    await market.confirmed(offering, 60, who=MARINA)
    await market.confirmed(offering, 40, who=CARLOS)
    return offering


async def statuses(market: Market) -> list[str]:
    return [row["status"] for row in await market.sql("SELECT status FROM investments ORDER BY id")]


async def test_a_disbursed_cpr_makes_its_investments_active(market: Market) -> None:
    offering = await funded(market)
    other = await market.open_offering(farmer_id=OTHER_FARMER)
    await market.confirmed(other, 1)
    disbursed = again(heard.CPRDisbursed(cpr_id=offering.cpr_id, disbursed_at=market.clock.now()))
    assert await market.deliver(disbursed) == 1
    assert await market.deliver(disbursed) == 0
    await market.disburse(offering)
    assert await statuses(market) == ["ACTIVE", "ACTIVE", "CONFIRMED"]


async def test_a_disbursement_waits_for_the_funding(market: Market) -> None:
    offering = await market.open_offering()
    with pytest.raises(NotYet):
        await market.disburse(offering)
    with pytest.raises(NotYet):
        await market.disburse(OfferedCPR(id=offering.id, cpr_id=offering.id, farmer_id=offering.farmer_id))
    await market.confirmed(offering, 100)
    await market.disburse(offering)
    assert await statuses(market) == ["ACTIVE"]


async def test_a_settled_cpr_closes_its_investments_and_positions(market: Market) -> None:
    offering = await funded(market)
    settled = heard.CPRSettled(cpr_id=offering.cpr_id)
    with pytest.raises(NotYet):
        await market.deliver(settled)
    await market.disburse(offering)
    market.clock.advance(days=365)
    await market.deliver(settled)
    await market.deliver(settled)
    assert await statuses(market) == ["SETTLED", "SETTLED"]
    assert await market.sql("SELECT DISTINCT valid_to FROM quota_positions") == [{"valid_to": market.clock.now()}]
    closed = await market.recorded("investment_closed")
    assert [(row["investor_id"], row["cpr_id"]) for row in closed] == [
        (str(MARINA), str(offering.cpr_id)),
        (str(CARLOS), str(offering.cpr_id)),
    ]


async def test_a_cancelled_cpr_cancels_its_offering(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.confirmed(offering, 60)
    cancelled = heard.CPRCancelled(cpr_id=offering.cpr_id)
    await market.deliver(cancelled)
    await market.deliver(cancelled)
    assert (await market.offering(offering))["status"] == "CANCELLED"
    assert [row["investment_id"] for row in await market.recorded("investment_cancelled")] == [str(investment_id)]
    assert len(await market.recorded("offering_cancelled")) == 1


async def test_a_funded_cpr_can_be_cancelled_until_it_is_disbursed(market: Market) -> None:
    offering = await funded(market)
    await market.deliver(heard.CPRCancelled(cpr_id=offering.cpr_id))
    assert await statuses(market) == ["CANCELLED", "CANCELLED"]
    disbursed = await market.open_offering(farmer_id=OTHER_FARMER)
    await market.confirmed(disbursed, 100)
    await market.disburse(disbursed)
    with pytest.raises(ValueError, match="was disbursed and cannot be cancelled"):
        await market.deliver(heard.CPRCancelled(cpr_id=disbursed.cpr_id))
    assert (await market.offering(disbursed))["status"] == "FUNDED"


async def test_a_cpr_cancelled_before_it_is_heard_of_is_never_offered(market: Market) -> None:
    registered = registered_cpr()
    await market.deliver(heard.CPRCancelled(cpr_id=registered.cpr_id))
    await market.deliver(registered)
    assert await market.sql("SELECT * FROM offerings") == []
    assert await market.recorded() == []


async def test_a_cpr_is_offered_once(market: Market) -> None:
    registered = registered_cpr()
    event = again(registered)
    assert await market.deliver(event) == 1
    assert await market.deliver(event) == 0
    assert await market.deliver(registered) == 1
    assert await market.recorded_types() == ["offering_opened"]


async def test_a_cpr_of_less_than_a_quota_is_left_to_people(market: Market) -> None:
    with pytest.raises(ValueError, match="asks for less than one quota"):
        await market.deliver(registered_cpr(principal_minor=9_999))
    assert await market.sql("SELECT * FROM offerings") == []


async def test_a_rest_below_one_quota_is_not_offered(market: Market) -> None:
    offering = await market.open_offering(principal_minor=1_009_999)
    await market.confirmed(offering, 100)
    (row,) = await market.recorded("offering_funded")
    assert (row["quota_count"], row["principal_minor"]) == (100, 1_000_000)


async def test_terms_of_an_offering_are_those_of_its_day(market: Market) -> None:
    await market.sql("INSERT INTO parameters VALUES ('quota_price_minor', '2026-11-24', 25000, 'larger')")
    await market.sql("INSERT INTO parameters VALUES ('offering_days', '2026-11-24', 10, 'shorter')")
    early = await market.offering(await market.open_offering())
    market.clock.advance(days=1)
    late = await market.offering(await market.open_offering())
    assert (early["quota_count"], early["quota_price_minor"], (early["closes_at"] - early["opened_at"]).days) == (
        100,
        10_000,
        30,
    )
    assert (late["quota_count"], late["quota_price_minor"], (late["closes_at"] - late["opened_at"]).days) == (
        40,
        25_000,
        10,
    )


async def test_a_payment_waits_for_the_schedule(market: Market) -> None:
    offering = await funded(market)
    paid = heard.InstallmentPaid(
        installment_id=installment_id(offering.cpr_id, 1), cpr_id=offering.cpr_id, paid_at=market.clock.now()
    )
    with pytest.raises(NotYet):
        await market.deliver(paid)
    schedule = activated(offering.cpr_id, (500_000, 20_000), (500_000, 10_000))
    await market.deliver(schedule)
    await market.deliver(schedule)
    await market.deliver(paid)
    await market.deliver(paid.model_copy(update={"paid_at": market.clock.now().replace(year=2030)}))
    assert await market.sql("SELECT number, paid_at FROM installments ORDER BY number") == [
        {"number": 1, "paid_at": market.clock.now()},
        {"number": 2, "paid_at": None},
    ]
