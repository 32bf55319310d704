"""
Bring every domain's database to its newest revision: `python -m launch.migrate [DOMAIN …]`.

Addresses come from the environment: `DATABASE_URL`, a server on which the databases and roles are made; or per domain
`WALLET_MIGRATION_DATABASE_URL` (a role that owns the tables) and `WALLET_DATABASE_URL` (the service's, which gets its
rights here).
"""

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import command
from launch.databases import DOMAINS, ensure_databases, service_role
from launch.privileges import PrivilegesNotStated, grant_privileges
from launch.secret_files import SecretFileUnreadable, read_secret_files
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


async def migrate(domain: str, url: str, *, service_role: str) -> bool:
    """
    Upgrade *domain*'s database to its head, and let *service_role* do to its tables what it may; whether it was behind.

    *url* is the owner's. Raises PrivilegesNotStated.
    """
    config = migration_config(domain, url)
    heads = set(ScriptDirectory.from_config(config).get_heads())
    is_behind = await _current_heads(url) != heads
    if is_behind:
        await asyncio.to_thread(command.upgrade, config, "heads")
    await grant_privileges(url, domain, service_role)
    return is_behind


async def _current_heads(url: str) -> set[str]:
    def read(connection: Connection) -> set[str]:
        return set(MigrationContext.configure(connection).get_current_heads())

    engine = create_async_engine(asyncpg_url(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(read)
    finally:
        await engine.dispose()


@dataclass(frozen=True)
class Target:
    """A database to migrate."""

    owner_url: str
    service_role: str


async def _targets_from_environment(domains: list[str]) -> dict[str, Target]:
    if admin_url := os.environ.get("DATABASE_URL"):
        secret = os.environ.get("DATABASE_ROLE_SECRET")
        if not secret:
            raise SystemExit("Set DATABASE_ROLE_SECRET: the roles' passwords are derived from it.")
        made = await ensure_databases(admin_url, secret)
        return {domain: Target(made[domain].owner, service_role(domain)) for domain in domains}
    targets = {}
    for domain in domains:
        prefix = domain.upper()
        owner, service = (os.environ.get(f"{prefix}_{name}DATABASE_URL") for name in ("MIGRATION_", ""))
        if not owner or not service:
            raise SystemExit(f"Set DATABASE_URL, or {prefix}_MIGRATION_DATABASE_URL and {prefix}_DATABASE_URL.")
        targets[domain] = Target(owner, role_of(service, not_of=owner))
    return targets


def role_of(service_url: str, *, not_of: str) -> str:
    """The role that a service works as, which must not be the tables' owner: an owner may do everything."""
    role, owner = make_url(service_url).username, make_url(not_of).username
    if not role or role == owner:
        raise SystemExit(f"The service needs a role of its own, not {owner!r}, which owns the tables.")
    return role


async def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help=f"of {', '.join(DOMAINS)}; all when none is named")
    parser.add_argument("--revision", metavar="MESSAGE", help="write a new revision instead of upgrading")
    options = parser.parse_args(arguments)
    if unknown := set(options.domains) - set(DOMAINS):
        parser.error(f"no such domain: {', '.join(sorted(unknown))} (there are {', '.join(DOMAINS)})")
    for domain, target in (await _targets_from_environment(options.domains or list(DOMAINS))).items():
        if options.revision:
            config = migration_config(domain, target.owner_url)
            await asyncio.to_thread(command.revision, config, options.revision, autogenerate=True)
        else:
            was_behind = await migrate(domain, target.owner_url, service_role=target.service_role)
            print(f"{domain}: {'migrated' if was_behind else 'current'}", flush=True)


if __name__ == "__main__":
    try:
        read_secret_files(os.environ)
        asyncio.run(main(sys.argv[1:]))
    except (PrivilegesNotStated, SecretFileUnreadable) as error:
        raise SystemExit(str(error)) from None
