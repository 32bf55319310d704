"""
Check the books in a process of their own: `python -m subgraphs.wallet.check_books`, started by the wallet's job.

A whole ledger takes a minute of computing, which no process has to spare that answers people. What to check is read
from standard input, as the job wrote it; what was found is kept in `books_checks`.
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
from subgraphs.wallet.domain.books import check_books
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


async def check(order: Order) -> None:
    """What the process does."""
    database = Database.from_settings(order.settings, name="wallet-books", clock_moved=order.clock_moved)
    try:
        clock = open_clock()
        gateway = open_gateway(order.settings, database, clock=clock)
        collector = open_tax_collector(order.settings, database, clock=clock)
        report = await check_books(database, now=order.now, gateway=gateway, tax_collector=collector)
        async with database.begin() as session:
            crud.books.add_check(
                session,
                checked_at=order.now,
                entries=report.entries,
                digest=report.digest,
                problems=report.problems,
                not_asked=report.not_asked,
            )
    finally:
        await database.close()


if __name__ == "__main__":
    # From our own parent, which knows all of it already.
    asyncio.run(check(pickle.load(sys.stdin.buffer)))  # noqa: S301
