"""How the database finds what a list of quota offers shows, when there are many of them."""

import uuid
from decimal import Decimal

import pytest

from tests.subgraphs.marketplace.market import CARLOS, Market
from tests.subgraphs.marketplace.pages_in_order import assert_pages_are_read_in_order
from tests.subgraphs.marketplace.secondary_market import offer, traded

MANY = """
    INSERT INTO quota_offers (id, position_id, offering_id, cpr_id, farmer_id, seller_id, quota_count, price_minor,
                              annual_rate, reserved_quotas, sold_quotas, status, offered_at, ended_at, idempotency_key,
                              request_digest)
    SELECT gen_random_uuid(), position_id, offering_id, cpr_id, farmer_id, seller_id, 10, 5000 + n % 97,
           0.10 + n % 89 / 1000.0, 0, 0, given.status, now() - n * interval '1 minute', given.ended_at,
           gen_random_uuid(), ''
    FROM quota_offers, generate_series(1, 2000) AS n,
         (VALUES ('OPEN', NULL::timestamptz), ('WITHDRAWN', now())) AS given (status, ended_at)"""

SEARCH = """query ($sort: QuotaOfferSort!, $after: String) {
  secondaryOffers(sort: $sort, first: 5, after: $after) { nodes { id } pageInfo { endCursor } } }"""


@pytest.mark.parametrize("sort", ["CHEAPEST", "NEWEST", "HIGHEST_RATE"])
async def test_a_page_of_open_offers_is_read_from_an_index_in_its_order(market: Market, sort: str) -> None:
    _, position = await traded(market)
    await offer(market, position, 10)
    # They are of one position, and adding up two thousand at each of them is not what is tried here.
    await market.sql("ALTER TABLE quota_offers DISABLE TRIGGER quota_offer_adds_up")
    await market.sql(MANY)
    await market.sql("ANALYZE quota_offers")
    await assert_pages_are_read_in_order(market, SEARCH, table="quota_offers", sort=sort)


async def test_the_highest_rate_comes_first_page_by_page(market: Market) -> None:
    for rate in ("0.12", "0.30", "0.21"):
        _, position = await traded(market, annual_rate=Decimal(rate), farmer_id=uuid.uuid4())
        await offer(market, position, 10)
    query = """query ($after: String) { secondaryOffers(sort: HIGHEST_RATE, first: 2, after: $after) {
        nodes { cpr { id } } pageInfo { endCursor } } }"""
    rates = {str(row["cpr_id"]): str(row["annual_rate"]) for row in await market.sql("SELECT * FROM offerings")}
    seen, after = [], None
    for _ in range(2):
        page = (await market.ask_as(CARLOS, query, "investor", after=after))["secondaryOffers"]
        seen += [rates[node["cpr"]["id"]] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["0.30", "0.21", "0.12"]
