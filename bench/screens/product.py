"""The product in this process, over data that is there, with somebody counting what goes through it."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from bench.screens.layers import GRAPHQL, ROUTER, SQL, LayerMeter
from launch.databases import DOMAINS
from launch.home import ROOT
from launch.in_process import in_process_client
from launch.services import make_all_subgraphs
from subgraphs.shared.database import Database
from subgraphs.shared.reading import Reader
from subgraphs.shared.subgraph import GraphQLRequest as SubgraphQuery
from subgraphs.shared.subgraph import Subgraph
from trevo.clients.subgraph_client import SubgraphClient, SubgraphRequest, SubgraphResponse
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import Result
from trevo.gateway.router import Router
from trevo.main import create_app

SESSIONS = ("begin", "read", "snapshot")
"""What a database gives sessions by."""


@dataclass
class CountingClient:
    """A subgraph's client that counts the fetches."""

    name: str
    inner: SubgraphClient
    fetches: Counter[str]

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        self.fetches[self.name] += 1
        return await self.inner.send(request)

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        return self.inner.subscribe(request)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Product:
    """Router and subgraphs, called without HTTP."""

    meter: LayerMeter = field(default_factory=LayerMeter)
    fetches: Counter[str] = field(default_factory=Counter)
    """By subgraph."""
    statements: Counter[str] = field(default_factory=Counter)
    """By subgraph."""
    subgraphs: dict[str, Subgraph] = field(default_factory=lambda: make_all_subgraphs(DOMAINS))
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        for name, subgraph in self.subgraphs.items():
            self._count_statements(name, subgraph.database)
        self.router = create_app(
            Settings(rates=Rates(enabled=False)),
            supergraph_text=(ROOT / "schema" / "supergraph.graphql").read_text(),
            clients={
                name: CountingClient(name, in_process_client(it), self.fetches) for name, it in self.subgraphs.items()
            },
            key_source=self.subgraphs["accounts"].services.key_source,
        ).router

    async def execute(self, request: GraphQLRequest) -> Result:
        return await self.router.execute(request)

    async def execute_metered(self, request: GraphQLRequest) -> Result:
        """Only while `metered`."""
        with self.meter.layer(ROUTER):
            return await self.router.execute(request)

    @contextmanager
    def metered(self) -> Iterator[None]:
        """Put up the borders between the layers, and measure; nothing is left of them afterwards."""
        for subgraph in self.subgraphs.values():
            self._put_borders(subgraph)
        try:
            with self.meter.running():
                yield
        finally:
            for subgraph in self.subgraphs.values():
                _remove_borders(subgraph)

    async def close(self) -> None:
        await self.router.stop()
        for subgraph in self.subgraphs.values():
            await subgraph.close()

    def _count_statements(self, name: str, database: Database) -> None:
        def note(*_: Any) -> None:
            self.statements[name] += 1

        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        ask = database.looking.ask

        async def ask_counted(*asked: Any) -> Any:
            note()
            return await ask(*asked)

        database.looking.ask = ask_counted  # type: ignore[method-assign,assignment]

    def _put_borders(self, subgraph: Subgraph) -> None:
        """Around the subgraph's execution, and around its sessions. An object's attribute hides its class' method."""
        execute, database = subgraph.execute, subgraph.database

        async def execute_metered(request: SubgraphQuery) -> dict[str, Any]:
            with self.meter.layer(GRAPHQL):
                return await execute(request)

        subgraph.execute = execute_metered  # type: ignore[method-assign]
        for name in SESSIONS:
            setattr(database, name, self._metered(getattr(database, name)))

    def _metered(self, open_session: Any) -> Any:
        @asynccontextmanager
        async def session() -> AsyncIterator[Reader]:
            opened: AbstractAsyncContextManager[Reader] = open_session()
            with self.meter.layer(SQL):
                async with opened as it:
                    yield it

        return session


def _remove_borders(subgraph: Subgraph) -> None:
    del subgraph.execute
    for name in SESSIONS:
        delattr(subgraph.database, name)
