"""From the registered CPR to the funded offering."""

import uuid

from tests.subgraphs.marketplace.market import CARLOS, FARMER, MARINA, Market


async def test_a_registered_cpr_is_offered_in_quotas_of_100(market: Market) -> None:
    offering = await market.open_offering(principal_minor=1_005_000)
    assert await market.recorded("offering_opened") == [
        {
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "farmer_id": str(FARMER),
            "quota_count": 100,
            "quota_price_minor": 10_000,
            "closes_at": "2026-12-23T12:00:00Z",
        }
    ]


async def test_investments_fund_an_offering(market: Market) -> None:
    offering = await market.open_offering()
    first = await market.invest(offering, 60, who=MARINA)
    assert await market.recorded("investment_requested") == [
        {
            "investment_id": str(first),
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "investor_id": str(MARINA),
            "quota_count": 60,
            "amount_minor": 600_000,
        }
    ]
    await market.deliver(await market.hold_for(first))
    await market.confirmed(offering, 40, who=CARLOS)
    assert await market.recorded_types() == [
        "offering_opened",
        "investment_requested",
        "investment_confirmed",
        "offering_milestone_reached",
        "investment_requested",
        "investment_confirmed",
        "offering_milestone_reached",
        "offering_milestone_reached",
        "offering_funded",
    ]
    assert [row["percent"] for row in await market.recorded("offering_milestone_reached")] == [50, 75, 100]
    assert await market.recorded("offering_funded") == [
        {
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "farmer_id": str(FARMER),
            "farmer_person": "NATURAL",
            "grade": "B",
            "principal_minor": 1_000_000,
            "quota_count": 100,
            "investment_count": 2,
            "funded_at": "2026-11-23T12:00:00Z",
        }
    ]
    row = await market.offering(offering)
    assert (row["status"], row["reserved_quotas"], row["funded_quotas"]) == ("FUNDED", 100, 100)


async def test_a_hold_for_another_purpose_is_none_of_ours(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 1)
    hold = await market.hold_for(investment_id)
    await market.deliver(hold.model_copy(update={"purpose": "withdrawal", "hold_id": uuid.uuid4()}))
    assert (await market.investment(investment_id))["status"] == "PENDING"
