"""Holds that are told together confirm their investments together, each as if it had come alone."""

import uuid
from dataclasses import replace

import pytest

from subgraphs.shared.messaging.reactions import NotYet
from tests.builders.deliveries import deliver_together, in_order
from tests.subgraphs.marketplace.market import CARLOS, MARINA, OTHER_FARMER, Market

QUEUE = "marketplace.confirm_investment"


async def test_investments_in_several_offerings_are_confirmed_together(market: Market) -> None:
    first = await market.open_offering()
    second = await market.open_offering(cpr_id=uuid.uuid4(), farmer_id=OTHER_FARMER)
    wanted = [(first, 50, MARINA), (second, 10, CARLOS), (first, 30, CARLOS), (first, 20, MARINA)]
    investments = [await market.invest(offering, quotas, who=who) for offering, quotas, who in wanted]
    ended = await market.invest(second, 5)
    await market.refuse(ended)
    before = len(await market.recorded())
    holds = [await market.hold_for(it) for it in (*investments, ended)]
    told = [replace(event, correlation_id=f"request {place}") for place, event in enumerate(in_order(*holds))]
    assert await deliver_together(market.subgraph, QUEUE, *told) == 5
    assert [(await market.investment(it))["status"] for it in (*investments, ended)] == ["CONFIRMED"] * 4 + ["REFUSED"]
    rows = [await market.offering(it) for it in (first, second)]
    assert [(row["status"], row["reserved_quotas"], row["funded_quotas"]) for row in rows] == [
        ("FUNDED", 100, 100),
        ("OPEN", 10, 10),
    ]
    positions = await market.sql("SELECT investment_id, quota_count FROM quota_positions ORDER BY quota_count")
    assert [(row["investment_id"], row["quota_count"]) for row in positions] == [
        (investments[1], 10),
        (investments[3], 20),
        (investments[2], 30),
        (investments[0], 50),
    ]
    assert (await market.recorded_types())[before:] == [
        *["investment_confirmed"] * 4,
        "investment_cancelled",
        *["offering_milestone_reached"] * 3,
        "offering_funded",
    ]
    (funded,) = await market.recorded("offering_funded")
    assert (funded["quota_count"], funded["investment_count"]) == (100, 3)
    causes = await market.sql("SELECT correlation_id FROM outbox ORDER BY id")
    assert [row["correlation_id"] for row in causes[before:]] == [
        "request 0", "request 1", "request 2", "request 3", "request 4", *["request 3"] * 4,
    ]  # fmt: skip


async def test_a_hold_that_is_told_twice_counts_once(market: Market) -> None:
    offering = await market.open_offering()
    hold = await market.hold_for(await market.invest(offering, 50))
    assert await deliver_together(market.subgraph, QUEUE, hold, hold) == 2  # two events that say the same
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (50, 50)
    assert len(await market.recorded("investment_confirmed")) == 1


@pytest.mark.parametrize(
    ("changes", "error"), [({"reference_id": uuid.uuid4()}, NotYet), ({"amount_minor": 1}, ValueError)]
)
async def test_one_that_cannot_be_confirmed_has_the_others_go_alone(
    market: Market, changes: dict[str, object], error: type[Exception]
) -> None:
    offering = await market.open_offering()
    holds = [await market.hold_for(await market.invest(offering, quotas)) for quotas in (10, 20)]
    with pytest.raises(error):
        await deliver_together(market.subgraph, QUEUE, holds[0], holds[1].model_copy(update=changes))
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (30, 0)
    assert await market.recorded("investment_confirmed") == []
