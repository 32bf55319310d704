"""What must be true after a run, however much was asked for: every accepted investment is settled, once, everywhere."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Sequence
from uuid import UUID

from bench.money.product import MoneyProduct
from launch.home import ROOT

ONE_EACH = {
    "marketplace": "SELECT investment_id FROM quota_positions WHERE investment_id = ANY($1)",
    "wallet": "SELECT reference_id FROM holds WHERE reference_id = ANY($1) AND status = 'ACTIVE'",
    "accounts": "SELECT id FROM engagements WHERE id = ANY($1) AND kind = 'INVESTMENT' AND begun_at IS NOT NULL",
    "distribution": "SELECT investment_id FROM positions WHERE investment_id = ANY($1)",
    "notifications": "SELECT position_id FROM holdings WHERE position_id = ANY($1)",
}
"""What each domain has of an investment that is confirmed: one row."""

TOLD = "SELECT count(*) FROM activities WHERE id = ANY($1)"
OPEN = "SELECT count(*) FROM investments WHERE status = 'PENDING'"
SETTLED = """
SELECT extract(epoch FROM confirmed_at - requested_at)::float8 AS seconds,
       extract(epoch FROM confirmed_at - min(requested_at) OVER ())::float8 AS since
FROM investments WHERE id = ANY($1) AND status = 'CONFIRMED' ORDER BY seconds
"""


async def until_settled(product: MoneyProduct, ids: Sequence[UUID]) -> None:
    """
    Wait until the wallet has answered all, and every domain has heard of it.

    Raises StoryFailed when a minute goes by without progress.
    """
    left = -1

    async def fewer_left() -> bool:
        nonlocal left
        before, left = left, await _left(product, ids)
        return not left or (before >= 0 and left < before)

    while left:
        await product.client.until("the investments being settled", fewer_left)


async def _left(product: MoneyProduct, ids: Sequence[UUID]) -> int:
    [(pending,)] = await product.ask("marketplace", OPEN)
    if pending:
        return int(pending) * (len(ONE_EACH) + 1)
    left = len(ids) * (len(ONE_EACH) + 1)
    for domain, question in ONE_EACH.items():
        left -= len(await product.ask(domain, question, ids))
    [(told,)] = await product.ask("notifications", TOLD, ids)
    return max(left - int(told), 0)


async def settled(product: MoneyProduct, ids: Sequence[UUID]) -> tuple[list[float], float]:
    """Seconds from request to confirmation, the shortest first, and from the first request to the last confirmation."""
    rows = await product.ask("marketplace", SETTLED, ids)
    return [row["seconds"] for row in rows], max((row["since"] for row in rows), default=0.0)


async def faults(product: MoneyProduct, ids: Sequence[UUID]) -> list[str]:
    """What is not as it must be, in words; the books' own verdict among it."""
    found = []
    for domain, question in ONE_EACH.items():
        rows = [row[0] for row in await product.ask(domain, question, ids)]
        if sorted(rows) != sorted(ids):
            found.append(f"{domain}: {len(ids)} investments are confirmed, {len(rows)} rows say so")
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "RABBITMQ_URL")}
    environment |= {"PEERSEED_HOME": str(product.home.folder), "PEERSEED_SANDBOXES": "1"}
    books = await create_subprocess_exec(
        sys.executable, "-m", "upkeep.books", cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await books.communicate()
    return [*found, said.decode()] if books.returncode else found
