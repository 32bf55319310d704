"""However many ask at once, and in whatever order answers come, quotas are sold once."""

import asyncio
import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subgraphs.marketplace.api.jobs import refuse_unanswered
from subgraphs.marketplace.schemas import heard
from tests.subgraphs.marketplace.market import CARLOS, MARINA, OTHER_FARMER, Market


async def test_thirty_at_once_on_the_last_ten_quotas(market: Market) -> None:
    crowd = [uuid.uuid4() for _ in range(30)]
    await market.verify(*crowd)
    offering = await market.open_offering()
    await market.confirmed(offering, 90, who=CARLOS)
    answers = await asyncio.gather(*(market.try_to_invest(offering, 1, who=person) for person in crowd))
    codes = sorted(answer.get("code", answer.get("status")) for answer in answers)
    assert codes == ["PENDING"] * 10 + ["QuotasUnavailable"] * 20
    row = await market.offering(offering)
    assert (row["reserved_quotas"], row["funded_quotas"]) == (100, 90)


async def test_holds_confirmed_at_once_fund_the_offering_once(market: Market) -> None:
    crowd = [uuid.uuid4() for _ in range(20)]
    await market.verify(*crowd)
    offering = await market.open_offering(principal_minor=200_000)
    holds = [await market.hold_for(await market.invest(offering, 1, who=person)) for person in crowd]
    await asyncio.gather(*(market.deliver(hold) for hold in holds))
    assert (await market.offering(offering))["status"] == "FUNDED"
    assert [row["percent"] for row in await market.recorded("offering_milestone_reached")] == [50, 75, 100]
    (funded,) = await market.recorded("offering_funded")
    assert (funded["quota_count"], funded["investment_count"]) == (20, 20)


async def test_one_key_sent_many_times_at_once_is_one_investment(market: Market) -> None:
    offering = await market.open_offering()
    answers = await asyncio.gather(*(market.try_to_invest(offering, 3, key="the-same-key") for _ in range(10)))
    assert len({answer["id"] for answer in answers}) == 1
    assert (await market.offering(offering))["reserved_quotas"] == 3


async def test_two_at_once_cannot_both_fit_under_the_borrower_limit(market: Market) -> None:
    first = await market.open_offering()
    second = await market.open_offering()
    answers = await asyncio.gather(market.try_to_invest(first, 80), market.try_to_invest(second, 80))
    assert sorted(answer["__typename"] for answer in answers) == ["BorrowerLimitExceeded", "Investment"]


async def test_two_at_once_cannot_both_be_small_parts_of_a_portfolio(market: Market) -> None:
    await market.confirmed(await market.open_offering(farmer_id=OTHER_FARMER), 60)
    offering = await market.open_offering()
    answers = await asyncio.gather(*(market.try_to_invest(offering, 30, phrase=None) for _ in range(2)))
    assert sorted(answer["__typename"] for answer in answers) == ["ConcentrationNotConfirmed", "Investment"]


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("invest"), st.integers(0, 1), st.integers(1, 12)),
        st.tuples(st.sampled_from(["place", "place again", "refuse"]), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("time out"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


@given(actions=ACTIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_order_of_requests_answers_and_timeouts_oversells(
    market: Market, actions: list[tuple[str, int, int]]
) -> None:
    offering = await market.open_offering(principal_minor=200_000, farmer_id=uuid.uuid4())  # twenty quotas
    holds: list[heard.HoldPlaced] = []
    for action, which, quotas in actions:
        if action == "invest":
            answer = await market.try_to_invest(offering, quotas, who=(MARINA, CARLOS)[which])
            if answer["__typename"] == "Investment":
                holds.append(await market.hold_for(uuid.UUID(answer["id"])))
        elif action == "time out":
            market.clock.advance(minutes=31)
            await refuse_unanswered(market.subgraph.database, market.clock)
        elif holds:
            hold = holds[which % len(holds)]
            if action == "refuse":
                await market.refuse(hold.reference_id)
            else:
                await market.deliver(hold)
        await assert_books_agree(market, offering.id)


async def assert_books_agree(market: Market, offering_id: uuid.UUID) -> None:
    """Counters, investments, positions and events tell the same story."""
    (row,) = await market.sql(
        """
        SELECT o.quota_count, o.reserved_quotas, o.funded_quotas, o.status,
               coalesce((SELECT sum(quota_count) FROM investments i
                          WHERE i.offering_id = o.id AND i.status IN ('PENDING', 'CONFIRMED')), 0) AS live,
               coalesce((SELECT sum(quota_count) FROM quota_positions p WHERE p.offering_id = o.id), 0) AS held,
               coalesce((SELECT sum((data->>'quota_count')::int) FROM outbox
                          WHERE type = 'marketplace.investment_confirmed.v1'
                            AND data->>'offering_id' = o.id::text), 0) AS told,
               (SELECT count(*) FROM outbox WHERE type = 'marketplace.offering_funded.v1'
                   AND data->>'offering_id' = o.id::text) AS funded_told
          FROM offerings o WHERE o.id = :id
        """,
        id=offering_id,
    )
    assert row["reserved_quotas"] <= row["quota_count"]
    assert row["live"] == row["reserved_quotas"]
    assert row["held"] == row["told"] == row["funded_quotas"]
    is_full = row["funded_quotas"] == row["quota_count"]
    assert (row["status"] == "FUNDED", row["funded_told"]) == (is_full, int(is_full))
