"""How the database finds what a list of offerings shows, when there are many of them."""

import pytest

from tests.subgraphs.marketplace.market import Market
from tests.subgraphs.marketplace.pages_in_order import assert_pages_are_read_in_order

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


@pytest.mark.parametrize("sort", ["CLOSING_SOON", "NEWEST", "HIGHEST_RATE", "SHORTEST_TERM"])
async def test_a_page_of_open_offerings_is_read_from_an_index_in_its_order(market: Market, sort: str) -> None:
    await market.sql(MANY, count=2_000, status="CANCELLED")
    await market.sql(MANY, count=2_000, status="OPEN")
    await market.sql("ANALYZE offerings")
    await assert_pages_are_read_in_order(market, SEARCH, table="offerings", sort=sort)
