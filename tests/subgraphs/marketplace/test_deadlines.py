"""An offering past its deadline: the farmer takes the part, extends or cancels; or does not decide."""

import asyncio
import uuid
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.api.jobs import close_past_deadline
from subgraphs.marketplace.domain import offerings
from tests.subgraphs.marketplace.market import CARLOS, FARMER, MARINA, OTHER_FARMER, Market, OfferedCPR

TAKE, EXTEND, CANCEL = "takePartialFunding", "extendOffering", "cancelOffering"


async def decide(
    market: Market, decision: str, offering: OfferedCPR, *, key: str = "decision-1", who: uuid.UUID = FARMER
) -> dict[str, Any]:
    name = decision[0].upper() + decision[1:]
    query = f"""mutation ($input: {name}Input!) {{ {decision}(input: $input) {{
      __typename
      ... on Offering {{ status fundedAmount {{ amount }} closesAt decideBy extensionCount }}
      ... on Refusal {{ code message messageEnglish }}
      ... on InvalidInput {{ field }}
      ... on OfferingNotExpired {{ offeringStatus }}
    }} }}"""
    request = {"offeringId": str(offering.id), "idempotencyKey": key}
    answer: dict[str, Any] = (await market.ask_as(who, query, "farmer", input=request))[decision]
    return answer


async def expired(market: Market, *, marina: int = 60, carlos: int = 20) -> OfferedCPR:
    """An offering of 100 quotas past its deadline."""
    offering = await market.open_offering()
    for who, quotas in ((MARINA, marina), (CARLOS, carlos)):
        if quotas:
            await market.confirmed(offering, quotas, who=who)
    market.clock.advance(days=30)
    await close_past_deadline(market.subgraph.database, market.clock)
    return offering


async def test_the_job_lets_the_farmer_decide(market: Market) -> None:
    offering = await expired(market)
    row = await market.offering(offering)
    assert (row["status"], row["decide_by"].isoformat()) == ("EXPIRED_WAITING", "2026-12-30T12:00:00+00:00")
    assert await market.recorded("offering_expired") == [
        {
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "farmer_id": str(FARMER),
            "funded_quotas": 80,
            "quota_count": 100,
            "decide_by": "2026-12-30T12:00:00Z",
        }
    ]


async def test_a_late_job_ends_the_same(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 80)
    market.clock.advance(days=33)
    for _ in range(2):
        await close_past_deadline(market.subgraph.database, market.clock)
    row = await market.offering(offering)
    assert (row["status"], row["decide_by"].isoformat()) == ("EXPIRED_WAITING", "2026-12-30T12:00:00+00:00")
    assert len(await market.recorded("offering_expired")) == 1


async def test_the_job_leaves_other_offerings_alone(market: Market) -> None:
    full = await market.open_offering(farmer_id=OTHER_FARMER)
    await market.confirmed(full, 100)
    market.clock.advance(days=1)
    young = await market.open_offering()
    market.clock.advance(days=29)
    await close_past_deadline(market.subgraph.database, market.clock)
    assert (await market.offering(full))["status"] == "FUNDED"
    assert (await market.offering(young))["status"] == "OPEN"


async def test_one_offering_that_fails_holds_up_no_other(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [await market.open_offering() for _ in range(2)]
    expire = offerings.expire

    async def fail_on_first(session: AsyncSession, offering_id: uuid.UUID, *, now: datetime) -> bool:
        if offering_id == first.id:
            raise RuntimeError("a broken offering")
        return await expire(session, offering_id, now=now)

    monkeypatch.setattr(offerings, "expire", fail_on_first)
    market.clock.advance(days=30)
    await close_past_deadline(market.subgraph.database, market.clock)
    assert (await market.offering(second))["status"] == "EXPIRED_WAITING"
    monkeypatch.undo()
    await close_past_deadline(market.subgraph.database, market.clock)
    assert (await market.offering(first))["status"] == "EXPIRED_WAITING"


async def test_jobs_in_several_processes_do_their_work_once(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 80)
    for days in (30, 7):
        market.clock.advance(days=days)
        await asyncio.gather(*(close_past_deadline(market.subgraph.database, market.clock) for _ in range(3)))
    assert (await market.recorded_types())[-3:] == ["offering_expired", "investment_cancelled", "offering_cancelled"]


async def test_the_farmer_takes_the_part(market: Market) -> None:
    offering = await expired(market)
    answer = await decide(market, TAKE, offering)
    assert (answer["status"], answer["fundedAmount"], answer["decideBy"]) == (
        "CLOSED_PARTIAL",
        {"amount": "8000.00"},
        None,
    )
    assert await market.recorded("offering_funded") == [
        {
            "offering_id": str(offering.id),
            "cpr_id": str(offering.cpr_id),
            "farmer_id": str(FARMER),
            "farmer_person": "NATURAL",
            "grade": "B",
            "principal_minor": 800_000,
            "quota_count": 80,
            "investment_count": 2,
            "funded_at": "2026-12-23T12:00:00Z",
        }
    ]


async def test_a_decision_told_again_changes_nothing(market: Market) -> None:
    offering = await expired(market)
    first = await decide(market, TAKE, offering)
    assert await decide(market, TAKE, offering) == first
    assert len(await market.recorded("offering_funded")) == 1
    other = await decide(market, CANCEL, offering)
    assert other["code"] == "IdempotencyKeyReused"


async def test_the_part_is_not_taken_while_it_can_still_move(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 60)
    waiting = await market.invest(offering, 40)
    hold = await market.hold_for(waiting)
    market.clock.advance(days=30)
    await close_past_deadline(market.subgraph.database, market.clock)
    assert (await decide(market, TAKE, offering))["code"] == "InvestmentsStillPending"
    # The hold arrives past the deadline and completes the funding after all.
    await market.deliver(hold)
    assert (await market.offering(offering))["status"] == "FUNDED"
    assert (await decide(market, TAKE, offering))["offeringStatus"] == "FUNDED"


async def test_there_must_be_a_part_to_take(market: Market) -> None:
    offering = await expired(market, marina=0, carlos=0)
    assert (await decide(market, TAKE, offering))["code"] == "NothingFunded"


async def test_an_extension_opens_the_offering_again(market: Market) -> None:
    offering = await expired(market)
    market.clock.advance(days=2)
    answer = await decide(market, EXTEND, offering)
    assert (answer["status"], answer["closesAt"], answer["decideBy"], answer["extensionCount"]) == (
        "OPEN",
        "2027-01-09T12:00:00.000Z",
        None,
        1,
    )
    assert [row["closes_at"] for row in await market.recorded("offering_extended")] == ["2027-01-09T12:00:00Z"]
    await market.confirmed(offering, 20, who=CARLOS)
    assert (await market.offering(offering))["status"] == "FUNDED"


async def test_an_extension_told_again_extends_once(market: Market) -> None:
    offering = await expired(market)
    await decide(market, EXTEND, offering)
    market.clock.advance(days=1)
    answer = await decide(market, EXTEND, offering)
    assert (answer["closesAt"], answer["extensionCount"]) == ("2027-01-07T12:00:00.000Z", 1)


async def test_a_deadline_moves_only_so_often(market: Market) -> None:
    offering = await expired(market)
    for number in (1, 2):
        assert (await decide(market, EXTEND, offering, key=f"extend-{number}"))["status"] == "OPEN"
        market.clock.advance(days=15)
    answer = await decide(market, EXTEND, offering, key="extend-3")
    assert answer["code"] == "ExtensionLimitReached"
    assert answer["message"] == "O prazo desta oferta já foi prorrogado tanto quanto é permitido (máximo: 2)."


async def test_cancelling_gives_every_hold_back(market: Market) -> None:
    offering = await market.open_offering()
    first = await market.confirmed(offering, 60, who=MARINA)
    second = await market.confirmed(offering, 20, who=CARLOS)
    waiting = await market.invest(offering, 5, who=CARLOS)
    late_hold = await market.hold_for(waiting)
    market.clock.advance(days=30)
    await close_past_deadline(market.subgraph.database, market.clock)
    answer = await decide(market, CANCEL, offering)
    assert (answer["status"], answer["fundedAmount"]) == ("CANCELLED", {"amount": "0.00"})
    types = (await market.recorded_types())[-4:]
    assert types == ["investment_cancelled", "investment_cancelled", "investment_refused", "offering_cancelled"]
    cancelled = await market.recorded("investment_cancelled")
    assert [(row["investment_id"], row["amount_minor"]) for row in cancelled] == [
        (str(first), 600_000),
        (str(second), 200_000),
    ]
    assert {row["hold_id"] for row in cancelled} == {
        str((await market.investment(first))["hold_id"]),
        str((await market.investment(second))["hold_id"]),
    }
    assert (await market.investment(waiting))["refusal_reason"] == "OFFERING_CANCELLED"
    assert await market.sql("SELECT count(*) FROM quota_positions WHERE valid_to IS NULL") == [{"count": 0}]
    await market.deliver(late_hold)
    assert (await market.recorded("investment_cancelled"))[-1]["hold_id"] == str(late_hold.hold_id)


async def test_who_does_not_decide_has_cancelled(market: Market) -> None:
    offering = await expired(market)
    market.clock.advance(days=7, seconds=-1)
    await close_past_deadline(market.subgraph.database, market.clock)
    assert (await market.offering(offering))["status"] == "EXPIRED_WAITING"
    market.clock.advance(seconds=1)
    for _ in range(2):
        await close_past_deadline(market.subgraph.database, market.clock)
    assert (await market.offering(offering))["status"] == "CANCELLED"
    assert len(await market.recorded("offering_cancelled")) == 1
    assert len(await market.recorded("investment_cancelled")) == 2


async def test_a_farmer_may_decide_before_the_job_has_run(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 50)
    market.clock.advance(days=30)
    assert (await decide(market, TAKE, offering))["status"] == "CLOSED_PARTIAL"


@pytest.mark.parametrize("decision", [TAKE, EXTEND, CANCEL])
async def test_there_is_nothing_to_decide_about_an_open_offering(market: Market, decision: str) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 50)
    answer = await decide(market, decision, offering)
    assert (answer["code"], answer["offeringStatus"]) == ("OfferingNotExpired", "OPEN")
    assert await market.sql("SELECT * FROM offering_decisions") == []


@pytest.mark.parametrize("decision", [TAKE, EXTEND, CANCEL])
async def test_only_the_farmer_decides(market: Market, decision: str) -> None:
    offering = await expired(market)
    assert (await decide(market, decision, offering, who=OTHER_FARMER))["code"] == "OfferingNotFound"
    assert (await market.offering(offering))["status"] == "EXPIRED_WAITING"


@pytest.mark.parametrize("decision", [TAKE, EXTEND, CANCEL])
async def test_a_key_must_be_a_key(market: Market, decision: str) -> None:
    offering = await expired(market)
    answer = await decide(market, decision, offering, key="short")
    assert (answer["code"], answer["field"]) == ("InvalidInput", "idempotencyKey")
