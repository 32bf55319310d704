"""A product in a process of its own, durable, with investors who have money and offerings that are open."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import aio_pika
import asyncpg

from bench.gateways.processes import free_port
from launch.databases import domain_urls
from launch.home import ROOT, Addresses, Home
from launch.postgres import EmbeddedPostgres
from launch.queues import read_queues
from story.client import Client
from story.narrator import Narrator
from story.people import Person, deposit, prove_identity, sign_up
from subgraphs.contracts.schemas.events import (
    CPRRegistered,
)
from subgraphs.shared.database import Database
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport

SETTINGS = {
    "GRAPHIQL_BUILD": "never",
    "LOG_LEVEL": "ERROR",
    "PEERSEED_SANDBOXES": "1",
    "ROUTER_RATES__ENABLED": "false",
    # What is slow on purpose for people is not what is measured.
    "ACCOUNTS_PASSWORD_TIME_COST": "1",
    "ACCOUNTS_PASSWORD_MEMORY_KIB": "8192",
    "ACCOUNTS_ANSWER_SECONDS_MIN": "0",
}
MONEY = "100000.00"
"""What each investor has."""
AT_ONCE = 8
"""People who sign up side by side."""
PRINCIPAL_MINOR = 500_000_000
"""Of each offering: more quotas than a run can sell, or the end of the offering would be measured too."""


class Quiet(Narrator):
    """Tells nothing: so many people sign up."""

    def step(self, text: str) -> None:
        pass


@dataclass
class MoneyProduct:
    """One that runs."""

    home: Home
    addresses: Addresses
    client: Client
    admin_url: str
    _connections: dict[str, asyncpg.Connection] = field(default_factory=dict)

    @property
    def postmaster(self) -> int:
        return int((self.home.postgres / "data" / "postmaster.pid").read_text().split()[0])

    def database(self, domain: str) -> Database:
        """The service's own view of a domain's database."""
        url = domain_urls(self.admin_url, self.home.secrets()["DATABASE_ROLE_SECRET"], domain).service
        return Database(url, name="bench")

    async def ask(self, domain: str, question: str, *values: object) -> list[asyncpg.Record]:
        """Rows of a domain's database, as the server's administrator sees them."""
        # Kept, since a new one costs the server as much as an investment.
        if domain not in self._connections:
            url = self.admin_url.rpartition("/")[0] + f"/peerseed_{domain}"
            self._connections[domain] = await asyncpg.connect(url)
        return list(await self._connections[domain].fetch(question, *values))

    async def close(self) -> None:
        await self.client.close()
        for connection in self._connections.values():
            await connection.close()

    async def admit_investors(self, count: int) -> list[Person]:
        """New people, verified, with `MONEY` in their wallets, by the doors that people use."""
        room = asyncio.Semaphore(AT_ONCE)

        async def admit() -> Person:
            async with room:
                person = await sign_up(self.client, Quiet(), "Marina Costa", "INVESTOR")
                await prove_identity(self.client, Quiet(), person)
                await deposit(self.client, Quiet(), person, MONEY)
                return person

        return list(await asyncio.gather(*(admit() for _ in range(count))))

    async def open_offerings(self, count: int) -> list[str]:
        """
        Ids of new offerings, each of another farmer, who is nobody.

        They open by the fact that opens any offering; no scored request could be as large as a run needs.
        """
        cprs = [new_id() for _ in range(count)]
        contracts = self.database("contracts")
        try:
            async with contracts.begin() as session:
                for cpr_id in cprs:
                    outbox.record(session, _registered(cpr_id))
        finally:
            await contracts.close()

        async def opened() -> list[str] | None:
            rows = await self.ask("marketplace", "SELECT id FROM offerings WHERE cpr_id = ANY($1) ORDER BY id", cprs)
            heard = await self.ask("wallet", "SELECT count(*) FROM registered_cprs WHERE cpr_id = ANY($1)", cprs)
            return [str(row["id"]) for row in rows] if len(rows) == heard[0][0] == count else None

        return await self.client.until("the offerings", opened)


def _registered(cpr_id: object) -> CPRRegistered:
    now = datetime.now(UTC)
    return CPRRegistered.model_validate(
        {
            "cpr_id": cpr_id,
            "credit_request_id": new_id(),
            "farmer_id": new_id(),
            "crop": "SOY",
            "hectares": Decimal(32),
            "region": "MT",
            "municipality": "5107925",
            "families_benefited": 3,
            "grade": "A",
            "principal_minor": PRINCIPAL_MINOR,
            "annual_rate": "0.1500",
            "monthly_rate": "0.0117",
            "term_months": 12,
            "amortisation": "PRICE",
            "registry": "B3",
            "registration_number": secrets.token_hex(8),
            "issued_on": now.date(),
            "registered_at": now,
        }
    )


@asynccontextmanager
async def running(home: Home) -> AsyncIterator[MoneyProduct]:
    """A product over *home*, with RabbitMQ where `RABBITMQ_URL` names one; ended, and its queues gone, afterwards."""
    async with _broker() as broker:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {**SETTINGS, **broker, "PEERSEED_HOME": str(home.folder), "PORT": str(free_port())}
        environment["METRICS_PORT"] = str(free_port())
        with (home.folder / "product.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "launch.in_process", cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        try:
            while not (addresses := home.addresses()):
                if process.returncode is not None:
                    raise SystemExit(f"the product did not start:\n{(home.folder / 'product.log').read_text()}")
                await asyncio.sleep(0.1)
            client = Client(addresses)
            admin_url = await EmbeddedPostgres(home.postgres).running_admin_url()
            product = MoneyProduct(home, addresses, client, admin_url)
            try:
                yield product
            finally:
                await product.close()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            await process.wait()


@asynccontextmanager
async def _broker() -> AsyncIterator[Mapping[str, str]]:
    url = os.environ.get("RABBITMQ_URL")
    if not url:
        yield {}
        return
    namespace = f"bench-{secrets.token_hex(6)}"
    try:
        yield {"RABBITMQ_NAMESPACE": namespace}
    finally:
        topology = RabbitMQTransport(url, namespace=namespace).topology
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            for queue in topology.all_queues([binding.queue for binding in read_queues()]):
                await channel.queue_delete(queue)
            for exchange in [topology.events, *topology.tiers]:
                await channel.exchange_delete(exchange)
