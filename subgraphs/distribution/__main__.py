"""
Show how a payment was split: `python -m subgraphs.distribution INSTALLMENT_ID`.

Reads the database that `DISTRIBUTION_DATABASE_URL` names.
"""

import argparse
import asyncio
import os
import sys
from uuid import UUID

from subgraphs.distribution.crud import distributions
from subgraphs.distribution.domain.printed import print_distribution
from subgraphs.shared.database import Database


async def show(database: Database, installment_id: UUID) -> str | None:
    """The printed distributions of an installment, one for each payment of it; None when there is none."""
    async with database.read() as session:
        printed = [
            print_distribution(row, await distributions.list_payouts_of_distribution(session, row.id))
            for row in await distributions.list_of_installment(session, installment_id)
        ]
    return "\n\n".join(printed) or None


async def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m subgraphs.distribution", description=__doc__)
    parser.add_argument("installment_id", type=UUID)
    options = parser.parse_args(arguments)
    url = os.environ.get("DISTRIBUTION_DATABASE_URL")
    if not url:
        sys.exit("Set DISTRIBUTION_DATABASE_URL to distribution's database.")
    database = Database(url, pool_size=1, name="distribution-show")
    try:
        printed = await show(database, options.installment_id)
    finally:
        await database.close()
    if printed is None:
        sys.stderr.write(f"Installment {options.installment_id} has not been distributed.\n")
        return 1
    sys.stdout.write(printed + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
