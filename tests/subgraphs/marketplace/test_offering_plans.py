"""How the database finds what a list of offerings shows, when there are many of them."""

from typing import Any

import pytest

from tests.builders.statements import explain, noted_statements
from tests.subgraphs.marketplace.market import CARLOS, Market

MANY = """
    INSERT INTO offerings (id, cpr_id, farmer_id, crop, hectares, region, municipality, families_benefited, grade,
                           principal_minor, annual_rate, monthly_rate, term_months, amortisation, quota_price_minor,
                           quota_count, reserved_quotas, funded_quotas, extension_count, status, opened_at, closes_at)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'SOY', 32, 'MT', 'Sorriso', 4, 'B', 1000000,
           0.10 + n % 97 / 1000.0, 0.02, 6 + n % 30, 'PRICE', 10000, 100, 0, 0, 0, status,
           now() - n * interval '1 minute', now() + n * interval '1 minute'
    FROM generate_series(1, :count) AS n, (VALUES (:status)) AS given (status)"""

SEARCH = """query ($sort: OfferingSort!, $after: String) {
  offerings(sort: $sort, first: 5, after: $after) { nodes { id } pageInfo { endCursor } } }"""


async def plans_of(market: Market, **variables: Any) -> tuple[Any, list[str]]:
    """The answer of a search, and the plan of each statement on offerings that it sent."""
    with noted_statements(market.subgraph.database) as sent:
        answer = await market.ask_as(CARLOS, SEARCH, "investor", **variables)
    asked = [each for each in sent if "FROM offerings" in each[0]]
    return answer["offerings"], [await explain(market.subgraph.database, each) for each in asked]


@pytest.mark.parametrize("sort", ["CLOSING_SOON", "NEWEST", "HIGHEST_RATE", "SHORTEST_TERM"])
async def test_a_page_of_open_offerings_is_read_from_an_index_in_its_order(market: Market, sort: str) -> None:
    await market.sql(MANY, count=2_000, status="CANCELLED")
    await market.sql(MANY, count=2_000, status="OPEN")
    await market.sql("ANALYZE offerings")
    first, plans = await plans_of(market, sort=sort)
    _, next_plans = await plans_of(market, sort=sort, after=first["pageInfo"]["endCursor"])
    assert len(first["nodes"]) == 5
    for plan in (*plans, *next_plans):
        assert plan.startswith("Limit"), plan
        assert "Index Scan" in plan, plan
        assert "Sort" not in plan.replace("Presorted", ""), plan
        assert "Seq Scan" not in plan, plan
    assert len(plans) == len(next_plans) == 1
