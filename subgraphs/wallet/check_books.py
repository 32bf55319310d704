"""
Check the books in a process of their own: `python -m subgraphs.wallet.check_books`, started by the wallet's job.

A whole ledger takes long to compute, which no process has to spare that answers people. What to check is read from
standard input, as the job wrote it; what was found is kept in `books_checks`, and in `verified_places` how far all is
well.
"""

import asyncio
import pickle
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from subgraphs.shared.database import Database
from subgraphs.shared.open_clock import open_clock
from subgraphs.wallet import crud
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain.books import BooksReport, check_books, check_since_last
from subgraphs.wallet.domain.places import BooksKey
from subgraphs.wallet.ports.open_gateway import open_gateway
from subgraphs.wallet.ports.open_tax_collector import open_tax_collector

ROOT = Path(__file__).resolve().parents[2]


class BooksNotChecked(Exception):
    """The process ended without a result; its own log says why."""


@dataclass(frozen=True)
class Order:
    """What the process is to check, and as if when."""

    settings: WalletSettings
    now: datetime
    clock_moved: bool
    whole: bool = True
    """Or only what has come since the last verified place, if there is one."""


async def check_in_own_process(order: Order) -> None:
    """Have the books checked and the result kept. Raises BooksNotChecked. Ends the process when it is cancelled."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "subgraphs.wallet.check_books", cwd=ROOT, stdin=asyncio.subprocess.PIPE
    )
    try:
        await process.communicate(pickle.dumps(order))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BooksNotChecked(f"it ended with {process.returncode}")


async def check(order: Order) -> BooksReport:
    """What the process does."""
    settings, now = order.settings, order.now
    database = Database.from_settings(settings, name="wallet-books", clock_moved=order.clock_moved)
    try:
        clock = open_clock()
        gateway = open_gateway(settings, database, clock=clock)
        collector = open_tax_collector(settings, database, clock=clock)
        key = BooksKey.from_settings(settings)
        if order.whole:
            report = await check_books(database, now=now, gateway=gateway, tax_collector=collector, sign_with=key)
        else:
            report = await check_since_last(database, key, now=now, gateway=gateway, tax_collector=collector)
        async with database.begin() as session:
            crud.books.add_check(
                session,
                checked_at=now,
                since=report.since.number if report.since else None,
                entries=report.entries,
                digest=report.digest,
                problems=report.problems,
                not_asked=report.not_asked,
            )
    finally:
        await database.close()
    return report


if __name__ == "__main__":
    # From our own parent, which knows all of it already.
    asyncio.run(check(pickle.load(sys.stdin.buffer)))  # noqa: S301
