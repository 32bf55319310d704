"""
Check the books: `python -m subgraphs.wallet.books`.

Reads the database that `WALLET_DATABASE_URL` names, and the list of the gateway where the wallet's settings are in the
environment as well; changes nothing. Ends with 1 when something is wrong.
"""

import asyncio
import sys

from pydantic import ValidationError

from subgraphs.shared.clock import SystemClock
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.wallet.core.command_line import open_database
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.domain.books import BooksReport, check_books
from subgraphs.wallet.ports.open_gateway import open_gateway


async def main() -> int:
    database, clock = open_database(), SystemClock()
    try:
        gateway = open_gateway(WalletSettings(), database, clock=clock)
    except (ValidationError, SandboxNotAskedFor):
        gateway = None
    try:
        report = await check_books(database, now=clock.now(), gateway=gateway)
    finally:
        await database.close()
    sys.stdout.write(describe(report))
    return 0 if report.balanced else 1


def describe(report: BooksReport) -> str:
    """For people at a terminal."""
    verdict = "the books balance" if report.balanced else f"{len(report.problems)} problems"
    lines = [f"{report.entries} entries: {verdict}", f"digest of all chains: {report.digest}"]
    lines += [f"- {problem}" for problem in report.problems]
    return "\n".join([*lines, *(f"not looked at: {what}" for what in report.not_asked)]) + "\n"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
