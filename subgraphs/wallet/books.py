"""
Check the books: `python -m subgraphs.wallet.books`.

Reads the database that `WALLET_DATABASE_URL` names; changes nothing. Ends with 1 when something is wrong.
"""

import asyncio
import sys

from subgraphs.shared.clock import SystemClock
from subgraphs.wallet.core.command_line import open_database
from subgraphs.wallet.domain.books import BooksReport, check_books


async def main() -> int:
    database = open_database()
    try:
        report = await check_books(database, now=SystemClock().now())
    finally:
        await database.close()
    sys.stdout.write(describe(report))
    return 0 if report.balanced else 1


def describe(report: BooksReport) -> str:
    """For people at a terminal."""
    verdict = "the books balance" if report.balanced else f"{len(report.problems)} problems"
    lines = [f"{report.entries} entries: {verdict}", f"digest of all chains: {report.digest}"]
    return "\n".join([*lines, *(f"- {problem}" for problem in report.problems)]) + "\n"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
