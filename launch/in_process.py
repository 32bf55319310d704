"""
The whole product in one process: `make run`.

The seven subgraphs run beside the router and are called without HTTP, through the function that also answers HTTP.
Their own routes (`/oauth/token`, `/webhooks/pix`, …) are served on the router's port.
"""

if __name__ == "__main__":
    from launch import loading

    loading.begin()

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any

from fastapi import FastAPI

from builds import graphiql
from launch import memory
from launch.databases import DOMAINS
from launch.environment import addresses, local_environment, metrics_port
from launch.home import ROOT, Addresses, Home
from launch.infrastructure import Infrastructure, bring_up
from launch.people import seed_demo_people
from launch.postgres import PostgresUnavailable
from launch.preflight import PORT_DEFAULT
from launch.progress import banner, say
from launch.queues import read_queues
from launch.services import Running, make_all_subgraphs, transport_from_environment
from subgraphs.shared.clock import WrongClockFile
from subgraphs.shared.faults import MaskFaults
from subgraphs.shared.logging import configure_logging
from subgraphs.shared.messaging.transport import TransportUnavailable
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from subgraphs.shared.tasks import end
from trevo.clients.in_process import InProcessSubgraphClient, NamedEvent
from trevo.clients.subgraph_client import SubgraphClient, SubgraphRequest
from trevo.config.settings import Settings
from trevo.main import create_app
from trevo.server.serve import Server, server_config
from trevo.serving.asgi import ASGIApp
from trevo.serving.metrics_port import metrics_on

STOP_SECONDS_MAX = 5


def in_process_client(subgraph: Subgraph) -> SubgraphClient:
    """The router's client for a subgraph of the same process."""

    async def answer(request: SubgraphRequest) -> dict[str, Any]:
        return await subgraph.execute(received(request))

    async def listen(request: SubgraphRequest) -> AsyncGenerator[Any, None]:
        async with aclosing(subgraph.subscribe(received(request))) as events:
            async for event in events:
                yield event.body if event.id is None else NamedEvent(event.id, event.body)

    def received(request: SubgraphRequest) -> GraphQLRequest:
        return GraphQLRequest(
            query=request.document,
            variables=request.variables,
            headers=request.headers,
            deadline_seconds=max(request.deadline.seconds_left(), 0.001),
            remote_address=request.headers.get("x-forwarded-for"),
        )

    return InProcessSubgraphClient(subgraph.name, answer, listen, shares_nothing=True)


def own_routes(subgraphs: Mapping[str, Subgraph]) -> dict[str, ASGIApp]:
    """The subgraphs' own HTTP routes (`/oauth/token`, `/webhooks/pix`, …) as one application, by path prefix."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(MaskFaults)
    prefixes = set()
    for subgraph in subgraphs.values():
        for routes in subgraph.routes:
            app.include_router(routes)
            prefixes |= {"/" + route.path.lstrip("/").partition("/")[0] for route in routes.routes}
    return dict.fromkeys(sorted(prefixes), app)


async def run(home: Home, port: int) -> None:
    """Bring everything up, serve until told to stop, and bring everything down again."""
    infrastructure = await bring_up(home, say)
    infrastructure.watch(say)
    base = f"http://127.0.0.1:{port}"
    bases = dict.fromkeys(DOMAINS, base)
    try:
        for name, value in local_environment(infrastructure.environment, bases).items():
            os.environ.setdefault(name, value)
        await _serve(home, infrastructure, base, bases, port)
    finally:
        home.forget_addresses()
        say("stopping …")
        await infrastructure.stop()


async def _serve(home: Home, infrastructure: Infrastructure, base: str, bases: Mapping[str, str], port: int) -> None:
    say("starting the subgraphs …")
    subgraphs = make_all_subgraphs(DOMAINS)
    running = Running(subgraphs, transport_from_environment(), read_queues())
    await running.start()
    bundle = graphiql.build_in_background(say)
    try:
        await seed_demo_people(subgraphs["accounts"])
        say("loading the supergraph …")
        app = create_app(
            Settings(),
            supergraph_text=(ROOT / "schema" / "supergraph.graphql").read_text(),
            clients={name: in_process_client(subgraph) for name, subgraph in subgraphs.items()},
            key_source=subgraphs["accounts"].services.key_source,
            extra_routes=own_routes(subgraphs),
            ready_checks={name: subgraph.readiness for name, subgraph in subgraphs.items()},
        )
        config = server_config(app, host="127.0.0.1", port=port, stop_seconds_max=STOP_SECONDS_MAX)
        server = AnnouncedServer(config, app)
        with metrics_on(metrics_port(port), "127.0.0.1", app.router.metrics.registry) as figures:
            where = addresses(
                pid=os.getpid(),
                router=base,
                bases=bases,
                database=infrastructure.database,
                broker=infrastructure.broker,
                metrics=f"http://127.0.0.1:{figures}/metrics",
            )
            server.on_started = lambda: _greet(home, where)
            memory.settle()
            await server.serve()
    finally:
        await end(bundle)
        await running.stop()


def _greet(home: Home, where: Addresses) -> None:
    home.note_addresses(where)
    print(banner(where), flush=True)


class AnnouncedServer(Server):
    """Says when it really listens, and ends in order on SIGINT and SIGTERM."""

    on_started: Callable[[], None]

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises a signal again when it is done; that would cut short what is stopped after it.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop_serving)
        yield

    def _stop_serving(self) -> None:
        self.force_exit = self.should_exit  # a second Ctrl-C does not wait for open requests
        self.should_exit = True


def main() -> int:
    configure_logging(level=os.environ.get("LOG_LEVEL", "WARNING"))
    # Until the server listens to signals itself, being told to end is being interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(run(Home(), int(os.environ.get("PORT", PORT_DEFAULT))))
    except (PostgresUnavailable, TransportUnavailable, SandboxNotAskedFor, WrongClockFile) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
