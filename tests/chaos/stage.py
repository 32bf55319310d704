"""
The product that a plan is played on: in one process, or each part in its own, over databases and a broker of its own.

Whatever a fault takes away here comes back by itself, at the same address; that is what an operator's supervisor does.
"""

import asyncio
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

import aio_pika
import asyncpg
import orjson
from sqlalchemy.engine import make_url

from launch.databases import BROKER, DOMAINS
from launch.home import Addresses, Home
from launch.infrastructure import bring_up
from launch.services import transport_from_environment
from subgraphs.shared.database import Database
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.transport import Transport
from subgraphs.shared.settings import CLOCK
from tests.chaos.plan import Plan
from tests.fixtures.parts import ROUTER, Parts, eventually, running_parts
from tests.fixtures.product import QUICK, Product
from tests.fixtures.rabbitmq import product_namespace
from upkeep import clock
from upkeep.clock import NotMoved

SETTINGS = {
    # What jobs find once in minutes is to be found while a scene is played.
    "MARKETPLACE_DEADLINE_JOB_SECONDS": "1",
    "MARKETPLACE_HOLD_TIMEOUT_JOB_SECONDS": "1",
    "CONTRACTS_JOBS_EVERY_SECONDS": "2",
    "CREDIT_JOBS_EVERY_SECONDS": "2",
    # A provider whose answer is lost is asked again.
    "CONTRACTS_PROVIDER_PATIENCE_SECONDS": "5",
    "CONTRACTS_SANDBOX_LATE_SECONDS": "2",
    "CREDIT_SCORING_PATIENCE_SECONDS": "20",
}


class Stage(ABC):
    """One product. Its faults come one after another."""

    def __init__(self, folder: Path, broker: Mapping[str, str]) -> None:
        self._folder = folder
        self._broker = broker
        self.one_at_a_time = asyncio.Lock()

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None: ...

    @property
    @abstractmethod
    def addresses(self) -> Addresses:
        """Where people reach it; the next of its routers each time."""

    @abstractmethod
    def base(self, part: str) -> str:
        """Where the own routes of *part* are reached."""

    @abstractmethod
    def admin_url(self) -> str:
        """The database server's administrator."""

    @abstractmethod
    def database(self, name: str) -> Database:
        """As the service *name* sees it."""

    @abstractmethod
    async def kill_product(self, *, database_too: bool) -> None:
        """All processes end by SIGKILL, and are started again."""

    @abstractmethod
    async def kill_database(self) -> None:
        """The server ends by SIGKILL, and is started again."""

    def move_clock(self, instant: datetime) -> None:
        """It is *instant* now, for every part of the product; later already where what came before took longer."""
        with suppress(NotMoved):
            clock.move_to(self._clock, instant)

    def pass_time(self, by: timedelta) -> None:
        """So much time goes by at once."""
        clock.move(self._clock, by=by)

    @property
    def _clock(self) -> Path:
        return Home(self._folder).clock

    def books_environment(self) -> dict[str, str]:
        """What `make books` needs to find this product."""
        return {"PEERSEED_HOME": str(self._folder), "DATABASE_URL": self.admin_url(), CLOCK: str(self._clock)}

    async def connect(self, name: str) -> asyncpg.Connection:
        """A connection of the administrator to the database of *name*."""
        url = make_url(self.admin_url()).set(database=f"peerseed_{name}")
        return await asyncpg.connect(url.render_as_string(hide_password=False))

    async def empty_queue(self, handler: str) -> None:
        """What waits in the queue of *handler* is lost."""
        if "RABBITMQ_URL" in self._broker:
            topology = RabbitMQTransport(
                self._broker["RABBITMQ_URL"], namespace=self._broker["RABBITMQ_NAMESPACE"]
            ).topology
            async with await aio_pika.connect(self._broker["RABBITMQ_URL"]) as connection:
                queue = await (await connection.channel()).get_queue(topology.queue(handler))
                await queue.purge()
            return
        connection = await self.connect(BROKER)
        try:
            await connection.execute(
                "DELETE FROM message WHERE queue = $1 AND owner IS NULL AND died_at IS NULL", handler
            )
        finally:
            await connection.close()

    @asynccontextmanager
    async def transport(self) -> AsyncIterator[Transport]:
        """The broker, as the product's parts see it."""
        database = self.database(BROKER)
        transport = transport_from_environment({"BROKER_DATABASE_URL": database.url, **self._broker})
        await transport.start()
        try:
            yield transport
        finally:
            await transport.stop()
            await database.close()


class InOneProcess(Stage):
    """As `make run` starts it."""

    def __init__(self, folder: Path, broker: Mapping[str, str]) -> None:
        super().__init__(folder, broker)
        self._product = Product(folder, broker=broker, settings=SETTINGS)
        self._addresses: Addresses | None = None

    async def start(self) -> None:
        self._addresses = await self._product.start()

    async def stop(self) -> None:
        await self._product.stop()

    @property
    def addresses(self) -> Addresses:
        assert self._addresses is not None, "not started"
        return self._addresses

    def base(self, part: str) -> str:  # noqa: ARG002  # all are one process
        return self.addresses.wallet

    def admin_url(self) -> str:
        return self._product.admin_url()

    def database(self, name: str) -> Database:
        return self._product.database(name)

    async def kill_product(self, *, database_too: bool) -> None:
        if database_too:
            await self._product.kill_group()
        else:
            await self._product.kill()
        await self.start()

    async def kill_database(self) -> None:
        killed = self._product.database_pid()
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: self._is_back(killed), what="the product starting its database server again")

    async def _is_back(self, killed: int) -> bool:
        with suppress(OSError, ValueError, IndexError, asyncpg.PostgresError, asyncpg.InterfaceError):
            if self._product.database_pid() != killed:
                await (await self.connect(BROKER)).close()
                return True
        return False


class InParts(Stage):
    """Each subgraph and the router a process of its own, as `make run-split` and compose have it; some twice."""

    def __init__(self, folder: Path, broker: Mapping[str, str], replicas: tuple[str, ...]) -> None:
        super().__init__(folder, broker)
        self._replicas = replicas
        self._stack = AsyncExitStack()
        self._parts: Parts | None = None
        self._routers = cycle([ROUTER])

    @property
    def parts(self) -> Parts:
        assert self._parts is not None, "not started"
        return self._parts

    async def start(self) -> None:
        running = running_parts(self._folder, broker=self._broker, settings={**QUICK, **SETTINGS})
        self._parts = await self._stack.enter_async_context(running)
        for domain in self._replicas:
            await self.parts.start_replica(domain, f"{domain}-2")
        if self._replicas:
            await self.parts.start_another_router("router-2", ROUTER_SUBGRAPH_URLS=self._urls_of_replicas())
            self._routers = cycle([ROUTER, "router-2"])

    def _urls_of_replicas(self) -> str:
        bases = {domain: self.parts.bases.get(f"{domain}-2", self.parts.bases[domain]) for domain in DOMAINS}
        return orjson.dumps({domain: f"{base}/graphql" for domain, base in bases.items()}).decode()

    async def stop(self) -> None:
        await self._stack.aclose()

    @property
    def addresses(self) -> Addresses:
        return self.parts.addresses_at(next(self._routers))

    def base(self, part: str) -> str:
        return self.parts.bases[part]

    def admin_url(self) -> str:
        return self.parts.postgres.admin_url

    def database(self, name: str) -> Database:
        return self.parts.database(name)

    async def kill_product(self, *, database_too: bool) -> None:
        names = self.parts.names
        await self.parts.kill(*names)
        if database_too:
            async with self.parts.without_postgres():
                pass
        await asyncio.gather(*(self.parts.start_again(name) for name in names))

    async def kill_database(self) -> None:
        async with self.parts.without_postgres():
            pass

    async def kill_part(self, part: str) -> None:
        async with self.parts.dead(part):
            pass

    async def freeze_part(self, part: str, *, seconds: float) -> None:
        async with self.parts.frozen(part):
            await asyncio.sleep(seconds)


async def make_template(folder: Path) -> None:
    """A home with migrated databases in *folder*, to be copied instead of made anew for each seed."""
    infrastructure = await bring_up(Home(folder), lambda _: None)
    await infrastructure.stop()


@asynccontextmanager
async def staged(plan: Plan, folder: Path) -> AsyncIterator[Stage]:
    """The stage of *plan* over the data in *folder*, running."""
    async with AsyncExitStack() as stack:
        broker: dict[str, str] = {}
        if plan.broker == "rabbitmq":
            broker = await stack.enter_async_context(product_namespace(os.environ["RABBITMQ_URL"]))
        in_parts = plan.form == "split"
        stage = InParts(folder, broker, plan.replicas) if in_parts else InOneProcess(folder, broker)
        stack.push_async_callback(stage.stop)
        await stage.start()
        yield stage
