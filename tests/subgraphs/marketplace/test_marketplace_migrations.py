"""What a migration takes away is not what people own."""

import asyncio
import uuid

import pytest
from sqlalchemy.exc import DBAPIError

from alembic import command
from launch.databases import service_role
from launch.migrate import migrate, migration_config
from subgraphs.marketplace.schemas import heard
from tests.fixtures.databases import owner_url
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market
from tests.subgraphs.marketplace.secondary_market import buy, held, offer, swapped, traded


async def undo(market: Market, *, down_to: str) -> None:
    config = migration_config("marketplace", owner_url(market.subgraph.database))
    await asyncio.to_thread(command.downgrade, config, down_to)


async def do_again(market: Market) -> None:
    await migrate("marketplace", owner_url(market.subgraph.database), service_role=service_role("marketplace"))


async def test_what_was_bought_cannot_be_forgotten(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    with pytest.raises(DBAPIError, match="quotas have changed hands"):
        await undo(market, down_to="marketplace_0003")
    market.clock.advance(minutes=1)
    await do_again(market)
    await market.deliver(await swapped(market, asked["id"]))
    with pytest.raises(DBAPIError, match="quotas have changed hands"):
        await undo(market, down_to="marketplace_0003")
    assert await held(market) == [(MARINA, 100, 10, None), (CARLOS, 10, 0, None)]


async def test_where_nobody_has_bought_the_secondary_market_can_be_undone_and_done_again(market: Market) -> None:
    _, position = await traded(market)
    made = await offer(market, position, 30)
    asked = await buy(market, made["id"], 10)
    await market.deliver(heard.QuotaSwapRefused(purchase_id=uuid.UUID(asked["id"]), reason="INSUFFICIENT_FUNDS"))
    await undo(market, down_to="marketplace_0003")
    await do_again(market)
    assert await held(market) == [(MARINA, 100, 0, None)]
    assert (await offer(market, position, 100))["status"] == "OPEN"


async def test_an_offer_made_before_has_its_cprs_rate(market: Market) -> None:
    _, position = await traded(market)
    await offer(market, position, 30)
    await undo(market, down_to="marketplace_0005")
    await do_again(market)
    (row,) = await market.sql("SELECT annual_rate FROM quota_offers")
    assert str(row["annual_rate"]) == "0.268242"
