"""
`make books`: check the ledger of the local product, running or not, or the one `WALLET_DATABASE_URL` names.

`--keep FILE` and `--since FILE` as of `python -m subgraphs.wallet.books`: write a signed digest, and go on from one.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError

from launch.databases import domain_urls
from launch.home import Home
from launch.infrastructure import without_password
from launch.postgres import EmbeddedPostgres, PostgresUnavailable
from subgraphs.shared.clock import WrongClockFile
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.shared.settings import CLOCK, ClockSettings
from subgraphs.wallet import books
from upkeep.clock import clock_file


async def check(arguments: Sequence[str]) -> int:
    """The checking command's own answer: 0 when the books balance."""
    if "WALLET_DATABASE_URL" in os.environ:
        return await books.main(arguments)
    home, server = Home(), None
    if ClockSettings().sandboxes:
        os.environ[CLOCK] = str(clock_file(home))
    admin_url = os.environ.get("DATABASE_URL")
    if not admin_url:
        if not (home.postgres / "ready").exists():
            raise PostgresUnavailable(f"There is no ledger in {home.folder} yet: `make run` makes one.")
        server = EmbeddedPostgres(home.postgres)
        admin_url = await server.running_admin_url() if home.addresses() else await _started(server)
    secrets = home.secrets()
    secret = secrets["DATABASE_ROLE_SECRET"]
    # With them it asks the gateway for its list as well.
    for name in secrets:
        if name.startswith("WALLET_"):
            os.environ.setdefault(name, secrets[name])
    os.environ["WALLET_DATABASE_URL"] = domain_urls(admin_url, secret, "wallet").service
    try:
        return await books.main(arguments)
    finally:
        if server and server.is_ours:
            await server.stop()


async def _started(server: EmbeddedPostgres) -> str:
    await server.start()
    return server.admin_url


def main() -> int:
    # People read this: that the database was asked a second time is for a service's log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        return asyncio.run(check(sys.argv[1:]))
    except (PostgresUnavailable, SandboxNotAskedFor, WrongClockFile) as error:
        print(error, file=sys.stderr)
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        where = without_password(os.environ.get("WALLET_DATABASE_URL", "DATABASE_URL"))
        print(f"The ledger at {where} cannot be read: {str(error).splitlines()[0]}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
