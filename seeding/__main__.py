"""
`make seed-data N=`: copy what was told on the local product until there are N copies of it.

The product must not run meanwhile. An interrupted run goes on where it stopped when it is begun again.
"""

import argparse
import asyncio
import sys
from datetime import timedelta

import asyncpg

from launch.home import Home
from launch.postgres import PostgresUnavailable
from seeding.product import seed
from seeding.told import CannotCopy
from subgraphs.shared.ports import SandboxNotAskedFor


def main() -> int:
    parser = argparse.ArgumentParser(prog="seeding", description=__doc__)
    parser.add_argument("copies", type=int, help="how many copies there are to be")
    copies = parser.parse_args().copies
    try:
        progress = asyncio.run(seed(Home(), copies))
    except (CannotCopy, SandboxNotAskedFor, PostgresUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, asyncpg.PostgresError) as error:
        print(f"The databases cannot be reached: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    for place, rows in sorted(progress.rows.items()):
        if rows:
            print(f"{place:40} {rows:>12,}")
    print(f"{progress.line()}; it took {timedelta(seconds=round(progress.seconds))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
