"""Fills a home's product with copies: finds its databases, asks whether they are quiet, reads and fills each."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy.engine import make_url

from launch.databases import BROKER, DOMAINS, DomainUrls, domain_urls
from launch.home import Home
from launch.postgres import EmbeddedPostgres
from seeding.copies import COPIES_MAX
from seeding.filling import Progress, fill, last_copy
from seeding.told import CannotCopy, Template, read_people, read_template
from subgraphs.accounts.schemas.events import (
    StandingConfirmed,
)
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.shared.settings import SANDBOXES, ClockSettings
from subgraphs.shared.tasks import end
from subgraphs.shared.vault import Vault

SECRETS = {
    "accounts": "ACCOUNTS_KEY_ENCRYPTION_SECRET",
    "contracts": "CONTRACTS_SEALING_SECRET",
    "wallet": "WALLET_SEALING_SECRET",
}
"""By domain the setting that its vault is made of."""
SETTINGS = {
    # For the triggers that measure dates: the story's were by a clock that was moved, and so are its copies'.
    "peerseed.clock": "MOVED",
    "timezone": "UTC",
    "application_name": "peerseed-seeding",
    # The last of them may be lost with the machine: the next run adds them again.
    "synchronous_commit": "off",
}
# But for heartbeats, of which one may always be on its way.
_UNSENT = "SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL AND type <> $1)"
_UNHEARD = """
    SELECT EXISTS (SELECT FROM message WHERE died_at IS NULL AND convert_from(body, 'UTF8')::jsonb ->> 'type' <> $1)
"""


@dataclass(frozen=True)
class Databases:
    urls: Mapping[str, DomainUrls]
    connections: Mapping[str, asyncpg.Connection]
    """Each as its domain's own role, which may do no more than the service."""


async def seed(home: Home, copies: int) -> Progress:
    """
    Copy what was told on the product of *home* until there are so many *copies*.

    Raises SandboxNotAskedFor, PostgresUnavailable, and CannotCopy: also where a database refuses what a copy would be,
    which leaves the copies that were whole.
    """
    if not ClockSettings().sandboxes:
        raise SandboxNotAskedFor(f"Made-up people belong where nothing is real: {SANDBOXES}=1 says so.")
    if not 0 < copies <= COPIES_MAX:
        raise CannotCopy(f"N is the number of copies, from 1 to {COPIES_MAX}.")
    if home.addresses():
        raise CannotCopy("The product runs, and would work on copies that are half there. Stop it first.")
    async with _databases(home) as databases:
        templates = await _read(databases, home)
        there = {
            template.domain: await last_copy(databases.connections[template.domain], template) for template in templates
        }
        # Those that an earlier run has begun are brought to their end.
        progress = Progress(target=max(copies, *there.values()), copies=there)
        print(f"a copy has {sum(template.row_count for template in templates)} rows", flush=True)
        saying = asyncio.create_task(progress.say())
        try:
            async with asyncio.TaskGroup() as group:
                for template in templates:
                    group.create_task(fill(databases.connections[template.domain], template, progress))
        except* asyncpg.PostgresError as refused:
            raise CannotCopy(f"A database refuses a copy: {refused.exceptions[0]}") from refused
        finally:
            await end(saying)
        for domain in DOMAINS:
            # So that the planner knows what there is now; only who owns the tables may tell it.
            async with _connected(databases.urls[domain].owner) as owner:
                await owner.execute("ANALYZE")
    return progress


@asynccontextmanager
async def _databases(home: Home) -> AsyncIterator[Databases]:
    """The home's, whose embedded server runs meanwhile. Raises CannotCopy where they are not quiet."""
    async with AsyncExitStack() as stack:
        admin_url = os.environ.get("DATABASE_URL")
        if not admin_url:
            if not (home.postgres / "ready").exists():
                raise CannotCopy(f"There is nothing to copy in {home.folder} yet: `make demo` tells the story.")
            server = EmbeddedPostgres(home.postgres)
            await server.start()
            stack.push_async_callback(server.stop)
            admin_url = server.admin_url
        secret = home.secrets()["DATABASE_ROLE_SECRET"]
        urls = {name: domain_urls(admin_url, secret, name) for name in (*DOMAINS, BROKER)}
        connections = {name: await stack.enter_async_context(_connected(urls[name].service)) for name in DOMAINS}
        if unheard := await what_is_unheard(urls):
            raise CannotCopy(f"{unheard}. Start the product, and stop it when it is quiet.")
        yield Databases(urls, connections)


async def what_is_unheard(urls: Mapping[str, DomainUrls]) -> str | None:
    """What was told that others have not heard yet, of which copies would stay as they are; None where all is quiet."""
    for domain in DOMAINS:
        async with _connected(urls[domain].service) as connection:
            if await connection.fetchval(_UNSENT, StandingConfirmed.type):
                return f"{domain} has yet to tell the others something"
    if "RABBITMQ_URL" not in os.environ:
        async with _connected(urls[BROKER].service) as broker:
            if await broker.fetchval(_UNHEARD, StandingConfirmed.type):
                return "Something that was told is on its way"
    return None


async def _read(databases: Databases, home: Home) -> list[Template]:
    secrets = home.secrets()
    vaults = {domain: Vault(secrets[name], domain=domain) for domain, name in SECRETS.items()}
    people = await read_people(databases.connections["accounts"], vaults["accounts"])
    templates = [
        await read_template(connection, domain, vaults.get(domain), people)
        for domain, connection in databases.connections.items()
    ]
    if not any(template.row_count for template in templates):
        raise CannotCopy("Nobody's story was told here yet: `make demo` tells one.")
    return templates


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn, server_settings=SETTINGS)
    try:
        yield connection
    finally:
        await connection.close()
