"""What is reserved and sold of an offer, and sold of a position, is compared at each commit; and nothing else."""

import asyncio
import uuid

from sqlalchemy import text

from tests.fixtures.databases import as_owner
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market
from tests.subgraphs.marketplace.secondary_market import WITHDRAW, buy, held, offer, swapped, traded

SOLD_MEANWHILE = (
    "UPDATE quota_purchases SET status = 'COMPLETED', ended_at = now(), fee_minor = 0, tax_minor = 0",
    "UPDATE quota_offers SET reserved_quotas = 0, sold_quotas = 10 WHERE reserved_quotas = 10",
    "UPDATE quota_positions SET sold_quotas = 10",
)

MANY_REFUSED = """
    INSERT INTO quota_purchases (id, offer_id, cpr_id, farmer_id, seller_id, buyer_id, quota_count, amount_minor,
                                 status, requested_at, ended_at, refusal_reason, idempotency_key, request_digest)
    SELECT gen_random_uuid(), offer_id, cpr_id, farmer_id, seller_id, buyer_id, 1, 100, 'REFUSED', now(), now(),
           'INSUFFICIENT_FUNDS', gen_random_uuid(), ''
    FROM quota_purchases, generate_series(1, 2000)"""

ROWS_READ = """
    SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'quota_purchases'"""


async def test_an_offer_is_withdrawn_while_another_of_the_same_position_is_sold(market: Market) -> None:
    """The check of the one begins before the sale is committed, and ends after it."""
    _, position = await traded(market)
    kept = await offer(market, position, 30)
    sold = await offer(market, position, 30)
    await buy(market, sold["id"], 10)
    async with as_owner(market.subgraph.database) as sale:
        await sale.execute(text("LOCK TABLE quota_positions IN ACCESS EXCLUSIVE MODE"))
        for statement in SOLD_MEANWHILE:
            await sale.execute(text(statement))
        withdraw = market.ask_as(MARINA, WITHDRAW, "investor", input={"offerId": kept["id"]})
        withdrawn = asyncio.create_task(withdraw)
        async with asyncio.timeout(30):
            while not await market.sql("SELECT pid FROM pg_locks WHERE NOT granted"):
                assert not withdrawn.done()
    assert (await withdrawn)["withdrawQuotaOffer"] == {"__typename": "QuotaOffer", "status": "WITHDRAWN"}
    assert await held(market) == [(MARINA, 100, 10, None)]


async def test_refused_purchases_are_not_read_when_an_offer_changes(market: Market) -> None:
    """Anybody without money can make as many as they like."""
    _, position = await traded(market)
    made = await offer(market, position, 30)
    await buy(market, made["id"], 10)
    await market.sql("ALTER TABLE quota_purchases DISABLE TRIGGER quota_offer_adds_up")
    await market.sql(MANY_REFUSED)
    await market.sql("ANALYZE quota_purchases")
    async with as_owner(market.subgraph.database) as session:
        await session.execute(text("UPDATE quota_offers SET price_minor = price_minor + 1"))
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert (await session.execute(text(ROWS_READ))).scalar_one() == 1


async def test_what_was_bought_is_the_buyers_after_many_refusals(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    await market.sql(MANY_REFUSED.replace("2000", "3"))
    market.clock.advance(minutes=1)
    await market.deliver(await swapped(market, asked["id"]))
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]
    assert uuid.UUID(asked["id"]) in {row["id"] for row in await market.sql("SELECT id FROM quota_positions")}
