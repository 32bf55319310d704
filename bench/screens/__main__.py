"""
CPU per request of each screen, by layer: `make bench`.

The story is told to a product of its own, which gives the screens something to show (and its process's memory is read
then). After that everything runs in this process, over the same data, without HTTP:

    whole     the router's answer to the operation
    subgraphs the fetches of one such answer, asked again from the subgraphs directly
    SQL       the statements of these, executed again: the driver's and SQLAlchemy's share in this process

so that router = whole - subgraphs, GraphQL = subgraphs - SQL. `server` is what PostgreSQL's processes used meanwhile.
Each figure is the median of several rounds of process CPU time; a noisy machine moves all columns.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.screens.process_stats import children_cpu_seconds
from bench.screens.seeded_product import Seeded, seed
from launch.databases import DOMAINS
from launch.environment import local_environment
from launch.home import ROOT, Home
from launch.in_process import in_process_client
from launch.infrastructure import bring_up
from launch.services import make_all_subgraphs
from router.api.read_request import GraphQLRequest
from router.core.settings import Settings
from router.executor.subgraph_client import SubgraphClient, SubgraphRequest, SubgraphResponse
from router.main import create_app
from router.router import Router
from subgraphs.shared.logging import configure_logging
from subgraphs.shared.subgraph import Subgraph

ROUNDS = 5
REQUESTS_PER_ROUND = 20
WARM_UP = 10
FETCH_DEADLINE_SECONDS = 30.0


@dataclass
class Recording:
    """What one answer asked of subgraphs and databases."""

    fetches: list[tuple[str, SubgraphRequest]] = field(default_factory=list)
    statements: list[tuple[str, str, Any]] = field(default_factory=list)
    is_on: bool = False


@dataclass
class RecordingClient:
    """A subgraph's client that notes what goes through it."""

    name: str
    inner: SubgraphClient
    recording: Recording

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        if self.recording.is_on:
            self.recording.fetches.append((self.name, request))
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


def record_statements(name: str, subgraph: Subgraph, recording: Recording) -> None:
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if recording.is_on:
            recording.statements.append((name, statement, parameters))

    event.listen(subgraph.database.engine.sync_engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Row:
    screen: str
    subgraphs: int
    fetches: int
    statements: int
    whole: float
    router: float
    graphql: float
    sql: float
    server: float


async def cpu_ms(work: Callable[[], Awaitable[object]], postmaster: int) -> tuple[float, float]:
    """Median CPU of one *work*, in milliseconds: of this process, and of the database server's."""
    for _ in range(WARM_UP):
        await work()
    own, server = [], []
    for _ in range(ROUNDS):
        started, server_started = time.process_time(), children_cpu_seconds(postmaster)
        for _ in range(REQUESTS_PER_ROUND):
            await work()
        own.append((time.process_time() - started) * 1000 / REQUESTS_PER_ROUND)
        server.append((children_cpu_seconds(postmaster) - server_started) * 1000 / REQUESTS_PER_ROUND)
    return statistics.median(own), statistics.median(server)


async def measure_screen(
    screen: str,
    request: GraphQLRequest,
    router: Router,
    *,
    subgraphs: dict[str, Subgraph],
    recording: Recording,
    postmaster: int,
) -> Row:
    await router.execute(request)
    recording.fetches.clear()
    recording.statements.clear()
    recording.is_on = True
    result = await router.execute(request)
    recording.is_on = False
    if result.body.get("errors"):
        raise SystemExit(f"{screen} answers with errors: {result.body['errors']}")
    fetches, statements = list(recording.fetches), list(recording.statements)

    async def ask_subgraphs() -> None:
        for name, fetch in fetches:
            await in_process_client(subgraphs[name]).send(_fresh(fetch))

    async def execute_statements() -> None:
        for name, statement, parameters in statements:
            async with subgraphs[name].database.engine.connect() as connection:
                await connection.exec_driver_sql(statement, parameters or ())

    whole, server = await cpu_ms(lambda: router.execute(request), postmaster)
    asked, _ = await cpu_ms(ask_subgraphs, postmaster)
    sql, _ = await cpu_ms(execute_statements, postmaster)
    names = {name for name, _ in fetches}
    return Row(screen, len(names), len(fetches), len(statements), whole, whole - asked, asked - sql, sql, server)


def _fresh(request: SubgraphRequest) -> SubgraphRequest:
    return replace(request, deadline=type(request.deadline).after(FETCH_DEADLINE_SECONDS))


def table(rows: list[Row]) -> str:
    head = f"{'screen':<22}{'subgraphs':>10}{'fetches':>9}{'SQL stmts':>11}" + "".join(
        f"{name:>10}" for name in ("whole ms", "router", "GraphQL", "SQL", "server")
    )
    lines = [head, "-" * len(head)]
    for row in rows:
        layers = "".join(f"{value:>10.2f}" for value in (row.whole, row.router, row.graphql, row.sql, row.server))
        lines.append(f"{row.screen:<22}{row.subgraphs:>10}{row.fetches:>9}{row.statements:>11}{layers}")
    return "\n".join(lines)


async def measure(home: Home, seeded: Seeded) -> str:
    infrastructure = await bring_up(home, lambda _: None)
    postmaster = int((home.postgres / "data" / "postmaster.pid").read_text().split()[0])
    bases = dict.fromkeys(DOMAINS, "http://127.0.0.1:1")
    os.environ.update(local_environment(infrastructure.environment, bases))
    recording = Recording()
    subgraphs = make_all_subgraphs(DOMAINS)
    try:
        for name, subgraph in subgraphs.items():
            record_statements(name, subgraph, recording)
        app = create_app(
            Settings(),
            supergraph_text=(ROOT / "schema" / "supergraph.graphql").read_text(),
            clients={name: RecordingClient(name, in_process_client(it), recording) for name, it in subgraphs.items()},
            key_source=subgraphs["accounts"].services.key_source,
        )
        rows = []
        for path in sorted((ROOT / "schema" / "operations").glob("*.graphql")):
            if "\nsubscription " in path.read_text():
                continue  # answered for as long as somebody listens
            request = await seeded.request(path, app.router)
            rows.append(
                await measure_screen(
                    path.stem,
                    request,
                    app.router,
                    subgraphs=subgraphs,
                    recording=recording,
                    postmaster=postmaster,
                )
            )
            print(f"measured {path.stem}", flush=True)
        return table(rows)
    finally:
        for subgraph in subgraphs.values():
            await subgraph.close()
        await infrastructure.stop()


async def main() -> None:
    configure_logging(level="ERROR")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        print("telling the story …", flush=True)
        seeded = await seed(home)
        result = await measure(home, seeded)
    summary = (
        f"{result}\n\n"
        f"memory of the whole in one process after the story: {seeded.megabytes:.0f} MB "
        f"(PostgreSQL's own processes: {seeded.server_megabytes:.0f} MB more)\n"
        f"median of {ROUNDS} rounds of {REQUESTS_PER_ROUND} requests; Python {sys.version.split()[0]}, "
        f"{os.cpu_count()} cores\n"
    )
    print(f"\n{summary}")
    (ROOT / "bench" / "screens" / "results.txt").write_text(summary)


if __name__ == "__main__":
    asyncio.run(main())
