"""
A power cut in the middle of the story: everything is killed, started again, and comes out as if nothing had happened.

The story is cut at several points; after the restart nobody sends anything. What was promised before the cut must
come true by itself: events are delivered, holds and payments happen once, the books balance.
"""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from launch.databases import BROKER, DOMAINS
from story import books
from story.client import Client, StoryFailed
from story.narrator import Narrator
from story.people import staff
from story.telling import tell
from subgraphs.shared.database import Database
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.quiet import quiesced
from tests.fixtures.product import Product


class CutNarrator(Narrator):
    """Tells until *cut_after* steps, then says so and waits for the power cut."""

    def __init__(self, cut_after: int) -> None:
        super().__init__()
        self.cut = asyncio.Event()
        self._cut_after = cut_after

    def step(self, text: str) -> None:
        super().step(text)
        if self.steps == self._cut_after:
            self.cut.set()


async def tell_until_cut(product: Product, cut_after: int) -> None:
    client, narrator = Client(await product.start()), CutNarrator(cut_after)
    telling = asyncio.create_task(tell(client, narrator))
    cut = asyncio.create_task(narrator.cut.wait())
    await asyncio.wait({telling, cut}, return_when=asyncio.FIRST_COMPLETED)
    assert narrator.cut.is_set(), telling.exception()
    await product.kill_group()
    with pytest.raises((aiohttp.ClientError, StoryFailed)):
        await telling
    await client.close()


async def everything_is_delivered(product: Product) -> None:
    databases = [product.database(name) for name in DOMAINS]
    transport = EmbeddedTransport(product.database(BROKER).url)
    await transport.start()
    try:
        assert await quiesced(databases, transport, deadline_s=60)
    finally:
        await transport.stop()
        for database in databases:
            await database.close()


async def rows(database: Database, sql: str) -> list[Any]:
    async with database.read() as session:
        found = [tuple(row) for row in await session.execute(text(sql))]
    await database.close()
    return found


CUTS = {
    "while deposits arrive": 9,
    "while the last hold becomes a disbursement": 23,
    "while a payment is split": 26,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("cut_after", CUTS.values(), ids=CUTS)
async def test_a_power_cut_loses_nothing_and_doubles_nothing(cut_after: int, tmp_path: Path) -> None:
    product = Product(tmp_path)
    try:
        await tell_until_cut(product, cut_after)
        client = Client(await product.start())
        await everything_is_delivered(product)
        await books.books_balance(client, Narrator(), await staff(client, "ADMIN"))
        await client.close()
        assert await rows(product.database("wallet"), DOUBLED_TRANSFERS) == []
        if cut_after >= CUTS["while the last hold becomes a disbursement"]:
            assert await rows(product.database("contracts"), "SELECT status FROM cprs") == [("ACTIVE",)]
        if cut_after >= CUTS["while a payment is split"]:
            paid = await rows(product.database("distribution"), "SELECT status, count(*) FROM payouts GROUP BY status")
            assert paid == [("CREDITED", 3)]
    finally:
        await product.stop()


DOUBLED_TRANSFERS = """
SELECT kind, cause_id, count(*) FROM ledger_transfers GROUP BY kind, cause_id HAVING count(*) > 1
"""
