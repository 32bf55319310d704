"""What the wallet's answers do to investments, whatever is repeated, late or out of order."""

import uuid

import pytest

from subgraphs.marketplace.api.jobs import refuse_unanswered
from subgraphs.marketplace.schemas import heard
from subgraphs.shared.messaging.reactions import NotYet
from tests.subgraphs.marketplace.market import CARLOS, FARMER, MARINA, Market, again


async def test_a_placed_hold_confirms_the_investment(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 7)
    hold = await market.hold_for(investment_id)
    market.clock.advance(seconds=5)
    await market.deliver(hold)
    row = await market.investment(investment_id)
    assert (row["status"], row["hold_id"], row["confirmed_at"]) == ("CONFIRMED", hold.hold_id, market.clock.now())
    assert await market.recorded("investment_confirmed") == [
        {
            "investment_id": str(investment_id),
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "farmer_id": str(FARMER),
            "investor_id": str(MARINA),
            "quota_count": 7,
            "amount_minor": 70_000,
            "confirmed_at": "2026-11-23T12:00:05Z",
            "person": "NATURAL",
        }
    ]
    assert await market.sql(
        "SELECT investment_id, investor_id, quota_count, amount_minor, valid_from, valid_to FROM quota_positions"
    ) == [
        {
            "investment_id": investment_id,
            "investor_id": MARINA,
            "quota_count": 7,
            "amount_minor": 70_000,
            "valid_from": market.clock.now(),
            "valid_to": None,
        }
    ]


async def test_a_hold_counts_once_however_often_it_is_told(market: Market) -> None:
    offering = await market.open_offering()
    hold = await market.hold_for(await market.invest(offering, 50))
    event = again(hold)
    assert await market.deliver(event) == 1
    assert await market.deliver(event) == 0  # the same event
    assert await market.deliver(hold) == 1  # another event that says the same
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (50, 50)
    assert await market.recorded_types() == [
        "offering_opened",
        "investment_requested",
        "investment_confirmed",
        "offering_milestone_reached",
    ]


async def test_a_refused_hold_frees_the_quotas(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 100)
    await market.refuse(investment_id)
    row = await market.investment(investment_id)
    assert (row["status"], row["refusal_reason"], row["ended_at"]) == (
        "REFUSED",
        "INSUFFICIENT_FUNDS",
        market.clock.now(),
    )
    assert (await market.offering(offering))["reserved_quotas"] == 0
    assert await market.recorded("investment_refused") == [
        {
            "investment_id": str(investment_id),
            "offering_id": str(offering.id),
            "investor_id": str(MARINA),
            "reason": "INSUFFICIENT_FUNDS",
        }
    ]
    assert (await market.try_to_invest(offering, 100, who=CARLOS))["status"] == "PENDING"


async def test_a_refusal_told_again_or_after_the_confirmation_changes_nothing(market: Market) -> None:
    offering = await market.open_offering()
    refused_id = await market.invest(offering, 10)
    await market.refuse(refused_id)
    await market.refuse(refused_id, "ANOTHER_REASON")
    confirmed_id = await market.confirmed(offering, 20)
    await market.refuse(confirmed_id)
    assert (await market.investment(refused_id))["refusal_reason"] == "INSUFFICIENT_FUNDS"
    assert (await market.investment(confirmed_id))["status"] == "CONFIRMED"
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (20, 20)


async def test_an_answer_about_an_unknown_investment_waits(market: Market) -> None:
    unknown = uuid.uuid4()
    with pytest.raises(NotYet):
        await market.deliver(
            heard.HoldPlaced(hold_id=uuid.uuid4(), purpose="investment", reference_id=unknown, amount_minor=1)
        )
    with pytest.raises(NotYet):
        await market.refuse(unknown)


async def test_a_hold_of_another_amount_is_not_taken(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 2)
    hold = (await market.hold_for(investment_id)).model_copy(update={"amount_minor": 19_999})
    with pytest.raises(ValueError, match="does not belong to investment"):
        await market.deliver(hold)
    assert (await market.investment(investment_id))["status"] == "PENDING"


async def test_an_investment_that_the_wallet_never_answers_is_refused(market: Market) -> None:
    offering = await market.open_offering()
    early = await market.invest(offering, 30)
    market.clock.advance(minutes=20)
    late = await market.invest(offering, 5)
    market.clock.advance(minutes=10)
    for _ in range(2):  # the job may run twice
        await refuse_unanswered(market.subgraph.database, market.clock)
    assert (await market.investment(early))["refusal_reason"] == "HOLD_TIMED_OUT"
    assert (await market.investment(late))["status"] == "PENDING"
    assert (await market.offering(offering))["reserved_quotas"] == 5
    assert [row["reason"] for row in await market.recorded("investment_refused")] == ["HOLD_TIMED_OUT"]


async def test_a_hold_that_comes_too_late_is_given_back_once(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 30)
    hold = await market.hold_for(investment_id)
    market.clock.advance(minutes=30)
    await refuse_unanswered(market.subgraph.database, market.clock)
    await market.deliver(hold)
    await market.deliver(hold)
    assert await market.recorded("investment_cancelled") == [
        {
            "investment_id": str(investment_id),
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "investor_id": str(MARINA),
            "hold_id": str(hold.hold_id),
            "amount_minor": 300_000,
        }
    ]
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (0, 0)
    assert (await market.investment(investment_id))["status"] == "REFUSED"
    assert await market.sql("SELECT * FROM quota_positions") == []


async def test_milestones_are_reached_once_each(market: Market) -> None:
    offering = await market.open_offering()
    for quotas in (49, 1, 24, 1, 24, 1):
        await market.confirmed(offering, quotas, who=MARINA)
    assert [row["percent"] for row in await market.recorded("offering_milestone_reached")] == [50, 75, 100]
    assert len(await market.recorded("offering_funded")) == 1


async def test_milestones_of_few_quotas_are_not_reached_early(market: Market) -> None:
    offering = await market.open_offering(principal_minor=30_000)  # three quotas
    reached = []
    for _ in range(3):
        await market.confirmed(offering, 1)
        reached.append([row["percent"] for row in await market.recorded("offering_milestone_reached")])
    assert reached == [[], [50], [50, 75, 100]]


def released(hold: heard.HoldPlaced, *, expired: bool) -> heard.HoldReleased:
    return heard.HoldReleased(hold_id=hold.hold_id, reference_id=hold.reference_id, expired=expired)


async def test_an_investment_does_not_outlive_its_hold(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 10, who=CARLOS)
    investment_id = await market.invest(offering, 50)
    hold = await market.hold_for(investment_id)
    with pytest.raises(NotYet):
        await market.deliver(released(hold, expired=True))  # overtook the hold
    await market.deliver(hold)
    for _ in range(2):
        await market.deliver(released(hold, expired=True))
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (10, 10)
    assert (await market.investment(investment_id))["status"] == "CANCELLED"
    assert [row["hold_id"] for row in await market.recorded("investment_cancelled")] == [str(hold.hold_id)]
    assert await market.sql("SELECT investor_id FROM quota_positions WHERE valid_to IS NULL") == [
        {"investor_id": CARLOS}
    ]
    # 50 % was reached before and is not said again.
    await market.confirmed(offering, 50)
    assert [row["percent"] for row in await market.recorded("offering_milestone_reached")] == [50]


async def test_a_release_that_was_asked_for_or_is_not_ours_changes_nothing(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 50)
    hold = await market.hold_for(investment_id)
    await market.deliver(hold)
    await market.deliver(released(hold, expired=False))
    await market.deliver(heard.HoldReleased(hold_id=uuid.uuid4(), reference_id=uuid.uuid4(), expired=True))
    assert (await market.investment(investment_id))["status"] == "CONFIRMED"


async def test_a_hold_that_expires_under_a_funded_offering_is_left_to_people(market: Market) -> None:
    offering = await market.open_offering()
    investment_id = await market.invest(offering, 100)
    hold = await market.hold_for(investment_id)
    await market.deliver(hold)
    with pytest.raises(ValueError, match="is funded with it"):
        await market.deliver(released(hold, expired=True))
    assert (await market.investment(investment_id))["status"] == "CONFIRMED"
