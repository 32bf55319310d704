"""
Verify the hash chains of all accounts: `python -m subgraphs.wallet.verify_chain`.

Reads the database that `WALLET_DATABASE_URL` names; changes nothing. Ends with 1 when a chain is broken.
"""

import asyncio
import sys

from subgraphs.wallet import crud
from subgraphs.wallet.core.command_line import open_database
from subgraphs.wallet.domain.chain import ChainReport, verify_chains


async def main() -> int:
    database = open_database()
    try:
        async with database.snapshot() as session:
            await crud.books.lift_time_limit(session)
            report = await verify_chains(session)
    finally:
        await database.close()
    sys.stdout.write(describe(report))
    return 1 if report.problems else 0


def describe(report: ChainReport) -> str:
    """For people at a terminal."""
    verdict = f"{len(report.problems)} breaks" if report.problems else "every chain is whole"
    lines = [f"{report.entries} entries: {verdict}", f"digest of all chains: {report.digest}"]
    return "\n".join([*lines, *(f"- {problem}" for problem in report.problems)]) + "\n"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
