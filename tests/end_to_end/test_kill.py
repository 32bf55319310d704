"""
A power cut in the middle of the story: everything is killed, started again, and comes out as if nothing had happened.

The story is cut at several points; after the restart nobody sends anything. What was promised before the cut must
come true by itself: events are delivered, holds and payments happen once, the books balance.
"""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from launch.databases import BROKER, DOMAINS
from story import books
from story.client import Client, StoryFailed
from story.funding import PHRASE
from story.narrator import Narrator
from story.people import Person, expect, sign_in, staff
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


@pytest.mark.timeout(300)
async def test_a_database_server_that_is_killed_is_started_again_and_the_product_goes_on(tmp_path: Path) -> None:
    product = Product(tmp_path)
    try:
        client = Client(await product.start())
        killed = product.database_pid()
        os.kill(killed, signal.SIGKILL)

        async def is_back() -> bool:
            with suppress(OSError, ValueError, IndexError, DBAPIError, asyncpg.PostgresError):
                return product.database_pid() != killed and await rows(product.database("wallet"), "SELECT 1") == [(1,)]
            return False

        await client.until("the database server being back", is_back)
        await tell(client, Narrator())
        await everything_is_delivered(product)
        await books.books_balance(client, Narrator(), await staff(client, "ADMIN"))
        await client.close()
    finally:
        await product.stop()


POSITIONS = "query Positions { me { positions(isOpen: true, first: 5) { nodes { id quotaCount } } } }"
PROGRESS = "query Progress { me { investments(first: 5) { nodes { progress { paidCount } } } } }"
OFFER = """mutation Offer($input: OfferQuotasInput!) { offerQuotas(input: $input) {
  __typename ... on QuotaOffer { id remainingInstallments } ... on Refusal { code message } } }"""
BUY = """mutation Buy($input: BuyQuotasInput!) { buyQuotas(input: $input) {
  __typename ... on QuotaPurchase { id } ... on Refusal { code message } } }"""


async def offered(client: Client, seller: Person) -> dict[str, Any]:
    """An offer of twenty quotas of what *seller* has lent, of which one installment is paid, at R$ 95."""

    async def is_paid() -> bool:
        nodes = (await client.graphql(PROGRESS, token=seller.token))["me"]["investments"]["nodes"]
        return [node["progress"] and node["progress"]["paidCount"] for node in nodes] == [1]

    await client.until("the marketplace knowing of the payment", is_paid)
    (position,) = (await client.graphql(POSITIONS, token=seller.token))["me"]["positions"]["nodes"]
    request = {
        "positionId": position["id"],
        "quotaCount": 20,
        "pricePerQuota": {"amount": "95.00"},
        "idempotencyKey": "offer-before-the-cut",
    }
    answer = (await client.graphql(OFFER, {"input": request}, token=seller.token))["offerQuotas"]
    return expect(answer, "QuotaOffer")


async def swap_is_made(client: Client, product: Product) -> None:
    async def made() -> bool:
        return await rows(product.database("wallet"), "SELECT 1 FROM quota_swaps") != []

    await client.until("the wallet's swap", made)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("is_swapped", [False, True], ids=["when it is asked for", "when the wallet has swapped"])
async def test_a_power_cut_in_the_middle_of_a_sale_leaves_quotas_and_money_together(
    is_swapped: bool, tmp_path: Path
) -> None:
    product = Product(tmp_path)
    try:
        client = Client(await product.start())
        told = await tell(client, Narrator())
        marina, carlos, _ = told.investors
        for person in (marina, carlos):  # a trade needs a fresh proof, and the story may have taken long
            await sign_in(client, person)
        offer = await offered(client, marina)
        request = {
            "offerId": offer["id"],
            "remainingInstallments": offer["remainingInstallments"],
            "quotaCount": 10,
            "idempotencyKey": "purchase-before-the-cut",
            "confirmationPhrase": PHRASE,
        }
        answer = (await client.graphql(BUY, {"input": request}, token=carlos.token))["buyQuotas"]
        purchase_id = UUID(expect(answer, "QuotaPurchase")["id"])
        if is_swapped:
            await swap_is_made(client, product)
        await product.kill_group()
        await client.close()

        client = Client(await product.start())
        await everything_is_delivered(product)
        await books.books_balance(client, Narrator(), await staff(client, "ADMIN"))
        await client.close()
        assert {domain: await rows(product.database(domain), sql) for domain, sql in SOLD.items()} == {
            "wallet": [(purchase_id, 1, 10, 950_00, 9_50)],
            "marketplace": [("COMPLETED", 10, 0, 10)],
            "distribution": [(purchase_id, UUID(carlos.id), 10, 1)],
        }
        assert await rows(product.database("wallet"), DOUBLED_TRANSFERS) == []
    finally:
        await product.stop()


SOLD = {
    "wallet": "SELECT id, number, quota_count, price_minor, fee_minor FROM quota_swaps",
    "marketplace": """
        SELECT purchase.status, purchase.quota_count, offer.reserved_quotas, offer.sold_quotas
          FROM quota_purchases AS purchase JOIN quota_offers AS offer ON offer.id = purchase.offer_id""",
    "distribution": "SELECT id, investor_id, quota_count, since_swap FROM positions WHERE since_swap > 0",
}

DOUBLED_TRANSFERS = """
SELECT kind, cause_id, count(*) FROM ledger_transfers GROUP BY kind, cause_id HAVING count(*) > 1
"""
