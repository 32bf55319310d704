"""
What the product stands on, brought up in order: database server, databases and roles, migrations, message transport.

Environment variables name servers that exist already; whatever they do not name is embedded.
"""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from launch.databases import BROKER, DOMAINS, DomainUrls, ensure_databases
from launch.home import Home
from launch.migrate import migrate, role_of
from launch.postgres import EmbeddedPostgres
from subgraphs.shared.settings import CLOCK, ClockSettings
from subgraphs.shared.tasks import end

Say = Callable[[str], None]


@dataclass
class Infrastructure:
    """Servers in use. `environment` is what the services need to reach them, and the clock that they share."""

    environment: dict[str, str]
    database: str
    """For people: which PostgreSQL is in use."""
    broker: str
    """For people: which message transport is in use."""
    _embedded: EmbeddedPostgres | None = field(default=None, repr=False)
    _watching: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    def watch(self, say: Say) -> None:
        """Have an embedded server that is killed started again, until we stop."""
        if self._embedded:
            self._watching = asyncio.create_task(self._embedded.keep_running(say))

    async def stop(self) -> None:
        if self._watching:
            await end(self._watching)
        if self._embedded:
            await self._embedded.stop()


async def bring_up(home: Home, say: Say) -> Infrastructure:
    """
    Databases there, migrated, and addressable.

    Raises PostgresUnavailable when none is named and none can be embedded; whatever was started is stopped again
    when a later step fails.
    """
    secrets = home.secrets()
    embedded: EmbeddedPostgres | None = None
    if admin_url := os.environ.get("DATABASE_URL"):
        database = f"server at {without_password(admin_url)}"
    else:
        say("starting the embedded PostgreSQL …")
        embedded = EmbeddedPostgres(home.postgres)
        await embedded.start()
        admin_url, database = embedded.admin_url, f"embedded PostgreSQL (data in {home.postgres})"
    try:
        urls = await ensure_databases(admin_url, secrets["DATABASE_ROLE_SECRET"])
        await _migrate_all(urls, say)
    except BaseException:
        if embedded:
            await embedded.stop()
        raise
    environment = {**secrets, **_database_environment(urls)}
    if ClockSettings().sandboxes:
        environment[CLOCK] = str(home.clock)
    rabbitmq = os.environ.get("RABBITMQ_URL")
    if rabbitmq:
        broker = f"RabbitMQ at {without_password(rabbitmq)}"
    else:
        environment["BROKER_DATABASE_URL"] = urls[BROKER].service
        broker = "embedded, over PostgreSQL (set RABBITMQ_URL for RabbitMQ)"
    return Infrastructure(environment, database, broker, embedded)


def without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]+):[^@]*@", r"\1@", url)


def _database_environment(urls: Mapping[str, DomainUrls]) -> dict[str, str]:
    """A domain's own variable wins over what the shared server would give it."""
    wanted = {f"{domain.upper()}_DATABASE_URL": urls[domain].service for domain in DOMAINS}
    return {name: os.environ.get(name, url) for name, url in wanted.items()}


async def _migrate_all(urls: Mapping[str, DomainUrls], say: Say) -> None:
    for domain in DOMAINS:
        owner = os.environ.get(f"{domain.upper()}_MIGRATION_DATABASE_URL", urls[domain].owner)
        service = os.environ.get(f"{domain.upper()}_DATABASE_URL", urls[domain].service)
        if await migrate(domain, owner, service_role=role_of(service, not_of=owner)):
            say(f"migrated the database of {domain}")
        await asyncio.sleep(0)
