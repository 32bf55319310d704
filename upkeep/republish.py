"""
`make republish QUEUE=notifications.tell_person SINCE=2026-11-28T12:00Z`: what a lost queue should have heard.

The events come from the outboxes of the domains that told them, and go to that queue alone. What its handler has done
already it does not do again, so rather say too early an instant than too late a one.

Databases and broker are those of the local product, running or not, unless the environment names others:
`DATABASE_URL` with `DATABASE_ROLE_SECRET`, or each `WALLET_DATABASE_URL`, …; and `RABBITMQ_URL`.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from launch.databases import BROKER, domain_urls
from launch.home import Home
from launch.postgres import EmbeddedPostgres, PostgresUnavailable
from launch.queues import read_queues
from launch.services import transport_from_environment
from subgraphs.shared.database import Database
from subgraphs.shared.logging import configure_logging
from subgraphs.shared.messaging.republish import republish
from subgraphs.shared.messaging.transport import Binding, TransportUnavailable


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="upkeep.republish", description=__doc__)
    parser.add_argument("--queue", required=True, help="the handler's queue, such as notifications.tell_person")
    parser.add_argument("--since", required=True, type=_instant, help="sent then or later; ISO 8601, UTC if not said")
    return parser.parse_args()


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


async def run(queue: str, since: datetime) -> int:
    """Carry out the command; answers the exit code."""
    bindings = {binding.queue: binding for binding in read_queues()}
    if queue not in bindings:
        print(f"There is no queue {queue}. There are: {', '.join(sorted(bindings))}", file=sys.stderr)
        return 2
    async with _addresses(_domains_of(bindings[queue])) as urls:
        return await _republish(bindings[queue], urls, since)


async def _republish(binding: Binding, urls: dict[str, str], since: datetime) -> int:
    transport = transport_from_environment({**os.environ, "BROKER_DATABASE_URL": urls[BROKER]})
    try:
        await transport.start()
        await transport.declare([binding])
        for domain in _domains_of(binding):
            database = Database(urls[domain], pool_size=1, name="peerseed-republish")
            try:
                count = await republish(database, transport, queue=binding.queue, types=binding.types, since=since)
            finally:
                await database.close()
            print(f"{domain}: {count} event(s) sent again to {binding.queue}", flush=True)
    finally:
        await transport.stop()
    return 0


def _domains_of(binding: Binding) -> list[str]:
    """Who tells what the queue takes."""
    return sorted({event_type.partition(".")[0] for event_type in binding.types})


@asynccontextmanager
async def _addresses(domains: list[str]) -> AsyncIterator[dict[str, str]]:
    """Where the databases of *domains* and the embedded transport's are, by name."""
    names = [*domains, BROKER]
    named = {name: os.environ.get(f"{name.upper()}_DATABASE_URL", "") for name in names}
    if all(named[domain] for domain in domains) and (named[BROKER] or os.environ.get("RABBITMQ_URL")):
        yield named
        return
    home, server = Home(), None
    admin_url = os.environ.get("DATABASE_URL")
    if not admin_url:
        server = EmbeddedPostgres(home.postgres)
        if home.addresses():
            admin_url = await server.running_admin_url()
        else:
            await server.start()
            admin_url = server.admin_url
    secret = home.secrets()["DATABASE_ROLE_SECRET"]
    try:
        yield {name: named[name] or domain_urls(admin_url, secret, name).service for name in names}
    finally:
        if server and server.is_ours:
            await server.stop()


def main() -> int:
    configure_logging(level="WARNING")
    arguments = read_arguments()
    try:
        return asyncio.run(run(arguments.queue, arguments.since))
    except (PostgresUnavailable, TransportUnavailable) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
