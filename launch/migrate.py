"""
Bring every domain's database to its newest revision: `python -m launch.migrate [DOMAIN …]`.

Addresses come from the environment: `WALLET_MIGRATION_DATABASE_URL` (a role that owns the tables), else
`WALLET_DATABASE_URL`; or `DATABASE_URL`, a server on which the databases and roles are made.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import command
from launch.databases import DOMAINS, ensure_databases
from subgraphs.shared.database import asyncpg_url

ALEMBIC = Path(__file__).resolve().parent.parent / "alembic"


def migration_config(domain: str, url: str) -> Config:
    """Alembic's configuration for one domain: its own folder of revisions, its own database."""
    config = Config()
    config.set_main_option("script_location", str(ALEMBIC))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(ALEMBIC / "versions" / domain))
    config.attributes.update(domain=domain, url=asyncpg_url(url))
    return config


async def migrate(domain: str, url: str) -> bool:
    """Upgrade *domain*'s database to its head; whether anything had to be done."""
    config = migration_config(domain, url)
    heads = set(ScriptDirectory.from_config(config).get_heads())
    if await _current_heads(url) == heads:
        return False
    await asyncio.to_thread(command.upgrade, config, "heads")
    return True


async def _current_heads(url: str) -> set[str]:
    def read(connection: Connection) -> set[str]:
        return set(MigrationContext.configure(connection).get_current_heads())

    engine = create_async_engine(asyncpg_url(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(read)
    finally:
        await engine.dispose()


async def _urls_from_environment(domains: list[str]) -> dict[str, str]:
    if admin_url := os.environ.get("DATABASE_URL"):
        secret = os.environ.get("DATABASE_ROLE_SECRET")
        if not secret:
            raise SystemExit("Set DATABASE_ROLE_SECRET: the roles' passwords are derived from it.")
        made = await ensure_databases(admin_url, secret)
        return {domain: made[domain].owner for domain in domains}
    urls = {}
    for domain in domains:
        prefix = domain.upper()
        url = os.environ.get(f"{prefix}_MIGRATION_DATABASE_URL") or os.environ.get(f"{prefix}_DATABASE_URL")
        if not url:
            raise SystemExit(f"Set DATABASE_URL, or {prefix}_MIGRATION_DATABASE_URL.")
        urls[domain] = url
    return urls


async def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help=f"of {', '.join(DOMAINS)}; all when none is named")
    parser.add_argument("--revision", metavar="MESSAGE", help="write a new revision instead of upgrading")
    options = parser.parse_args(arguments)
    if unknown := set(options.domains) - set(DOMAINS):
        parser.error(f"no such domain: {', '.join(sorted(unknown))} (there are {', '.join(DOMAINS)})")
    for domain, url in (await _urls_from_environment(options.domains or list(DOMAINS))).items():
        if options.revision:
            config = migration_config(domain, url)
            await asyncio.to_thread(command.revision, config, options.revision, autogenerate=True)
        else:
            print(f"{domain}: {'migrated' if await migrate(domain, url) else 'current'}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
