"""
Check the books: `python -m subgraphs.wallet.books`.

Reads the database that `WALLET_DATABASE_URL` names, and the lists of the gateway and the tax collector where
the wallet's settings are in the environment as well; changes nothing. Ends with 1 when something is wrong.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.open_clock import open_clock
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.wallet.core.command_line import open_database
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain.books import BooksReport, check_books
from subgraphs.wallet.ports.open_gateway import open_gateway
from subgraphs.wallet.ports.open_tax_collector import open_tax_collector

P = TypeVar("P")


async def main() -> int:
    database, clock = open_database(), open_clock()
    gateway = _opened(open_gateway, database, clock)
    tax_collector = _opened(open_tax_collector, database, clock)
    try:
        report = await check_books(database, now=clock.now(), gateway=gateway, tax_collector=tax_collector)
    finally:
        await database.close()
    sys.stdout.write(describe(report))
    return 0 if report.balanced else 1


def _opened(open_port: Callable[..., P], database: Database, clock: Clock) -> P | None:
    """The party that the wallet's settings name, where they are in the environment."""
    try:
        return open_port(WalletSettings(), database, clock=clock)
    except (ValidationError, SandboxNotAskedFor):
        return None


def describe(report: BooksReport) -> str:
    """For people at a terminal."""
    verdict = "the books balance" if report.balanced else f"{len(report.problems)} problems"
    lines = [f"{report.entries} entries: {verdict}", f"digest of all chains: {report.digest}"]
    lines += [f"- {problem}" for problem in report.problems]
    return "\n".join([*lines, *(f"not looked at: {what}" for what in report.not_asked)]) + "\n"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
