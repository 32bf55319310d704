"""What the database itself refuses, whoever writes."""

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.subgraphs.marketplace.market import FARMER, MARINA, Market

NEW_INVESTMENT = """
    INSERT INTO investments (id, offering_id, cpr_id, farmer_id, investor_id, quota_count, amount_minor, status,
                             requested_at, idempotency_key, request_digest)
    SELECT gen_random_uuid(), id, cpr_id, farmer_id, :investor, CAST(:quotas AS bigint),
           CAST(:quotas AS bigint) * 10000, 'PENDING', now(),
           gen_random_uuid(), '' FROM offerings"""


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("reserved_quotas = 101", "never_oversold"),
        ("reserved_quotas = 4", "never_oversold"),
        ("funded_quotas = 11", "never_oversold"),
        ("funded_quotas = -1, reserved_quotas = 0", "never_oversold"),
        ("quota_count = 0", "has_quotas"),
        ("status = 'FUNDED'", "funded_is_full"),
        ("status = 'CLOSED_PARTIAL'", "partial_is_settled"),
        ("status = 'CANCELLED'", "cancelled_holds_nothing"),
        ("status = 'LOST'", "status_known"),
        # In range, but not what the investments add up to.
        ("reserved_quotas = 11", "counts 1 reserved and 0 funded quotas more than its investments"),
        ("funded_quotas = 4, reserved_quotas = 10", "counts 0 reserved and -1 funded quotas more than its investments"),
    ],
)
async def test_an_offering_cannot_claim_what_is_not(market: Market, change: str, constraint: str) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 5)
    await market.invest(offering, 5)
    with pytest.raises(IntegrityError, match=constraint):
        await market.sql(f"UPDATE offerings SET {change}")  # noqa: S608  # the change is written above
    row = await market.offering(offering)
    assert (row["status"], row["reserved_quotas"], row["funded_quotas"]) == ("OPEN", 10, 5)


async def test_an_investment_beside_the_counters_is_not_committed(market: Market) -> None:
    await market.open_offering()
    with pytest.raises(IntegrityError, match="counts -1 reserved and 0 funded quotas more than its"):
        await market.sql(NEW_INVESTMENT, investor=MARINA, quotas=1)
    assert await market.sql("SELECT * FROM investments") == []


@pytest.mark.parametrize("when", ["DEFERRED", "IMMEDIATE"])
async def test_counters_are_compared_whenever_constraints_are_asked(market: Market, when: str) -> None:
    offering = await market.open_offering()

    async def count_one_more() -> None:
        async with market.subgraph.database.begin() as session:
            await session.execute(text(f"SET CONSTRAINTS ALL {when}"))
            await session.execute(text("UPDATE offerings SET reserved_quotas = 1"))

    with pytest.raises(IntegrityError, match="counts 1 reserved and 0 funded quotas more than its"):
        await count_one_more()
    assert (await market.offering(offering))["reserved_quotas"] == 0


@pytest.mark.parametrize(
    ("investor", "quotas", "constraint"),
    [
        (FARMER, 1, "not_in_own_cpr"),
        (MARINA, 0, "positive"),
        (uuid.UUID(int=1), 1, "fk_investments_investor_id"),
    ],
)
async def test_an_investment_must_be_one(market: Market, investor: uuid.UUID, quotas: int, constraint: str) -> None:
    await market.open_offering()
    await market.verify(FARMER)
    with pytest.raises(IntegrityError, match=constraint):
        await market.sql(NEW_INVESTMENT, investor=investor, quotas=quotas)


@pytest.mark.parametrize(
    "change", ["quota_count = 2", "amount_minor = 1", "investor_id = farmer_id", "requested_at = now()"]
)
async def test_what_was_asked_for_is_kept(market: Market, change: str) -> None:
    await market.invest(await market.open_offering(), 1)
    with pytest.raises(IntegrityError, match="cannot be changed"):
        await market.sql(f"UPDATE investments SET {change}")  # noqa: S608  # the change is written above
    with pytest.raises(IntegrityError, match="cannot be changed"):
        await market.sql("DELETE FROM investments")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'CONFIRMED'", "confirmed_has_hold"),
        ("status = 'REFUSED'", "refused_has_reason"),
        ("refusal_reason = 'because'", "refused_has_reason"),
        ("status = 'SOMETHING'", "status_known"),
    ],
)
async def test_a_status_needs_what_belongs_to_it(market: Market, change: str, constraint: str) -> None:
    await market.invest(await market.open_offering(), 1)
    with pytest.raises(IntegrityError, match=constraint):
        await market.sql(f"UPDATE investments SET {change}")  # noqa: S608  # the change is written above


async def test_a_position_ends_once_and_says_how(market: Market) -> None:
    await market.confirmed(await market.open_offering(), 1)
    for change, constraint in (
        ("valid_to = now()", "says_how_it_ended"),
        ("ended_as = 'SETTLED'", "says_how_it_ended"),
        ("valid_to = valid_from, ended_as = 'LOST'", "ended_as_known"),
        ("valid_to = valid_from - interval '1 second', ended_as = 'SETTLED'", "ends_after_it_begins"),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            await market.sql(f"UPDATE quota_positions SET {change}")  # noqa: S608  # the change is written above


async def test_a_milestone_and_an_offering_exist_once(market: Market) -> None:
    offering = await market.open_offering()
    await market.confirmed(offering, 50)
    with pytest.raises(IntegrityError, match="pk_offering_milestones"):
        await market.sql("INSERT INTO offering_milestones SELECT offering_id, percent, now() FROM offering_milestones")
    with pytest.raises(IntegrityError, match="uq_offerings_cpr_id"):
        await market.sql(
            "INSERT INTO offerings SELECT gen_random_uuid(), cpr_id, farmer_id,"
            " crop, hectares, region, municipality, families_benefited, grade, principal_minor, annual_rate,"
            " monthly_rate, term_months, amortisation, quota_price_minor, quota_count, 0, 0, 'OPEN', opened_at,"
            " closes_at, NULL, 0, NULL, NULL, NULL, NULL FROM offerings"
        )
