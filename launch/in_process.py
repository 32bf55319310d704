"""
The whole product in one process: `make run`.

The seven subgraphs run beside the router and are called without HTTP, through the function that also answers HTTP.
Their own routes (`/oauth/token`, `/webhooks/pix`, …) are served on the router's port.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from launch import graphiql
from launch.databases import DOMAINS
from launch.demo_people import seed_demo_people
from launch.environment import addresses, local_environment
from launch.home import ROOT, Home
from launch.infrastructure import Infrastructure, bring_up
from launch.people import DEMO_PEOPLE
from launch.postgres import PostgresUnavailable
from launch.progress import banner, say
from launch.services import Running, make_all_subgraphs, transport_from_environment
from router.core.settings import RouterSettings
from router.executor.in_process import InProcessClient
from router.executor.subgraph_client import SubgraphClient, SubgraphRequest
from router.main import create_app
from subgraphs.shared.logging import configure_logging
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph

PORT_DEFAULT = 4000


def in_process_client(subgraph: Subgraph) -> SubgraphClient:
    """The router's client for a subgraph of the same process."""

    async def call(request: SubgraphRequest) -> dict[str, Any]:
        return await subgraph.execute(
            GraphQLRequest(
                query=request.document,
                variables=request.variables,
                operation_name=request.operation_name,
                headers=request.headers,
                deadline_seconds=max(request.deadline.seconds_left(), 0.001),
                remote_address=request.headers.get("x-forwarded-for"),
            )
        )

    return InProcessClient(call)


class Front:
    """Sends a request to the subgraphs' own routes if one of them has the path, and to the router otherwise."""

    def __init__(self, router: ASGIApp, subgraphs: Mapping[str, Subgraph]) -> None:
        self._router = router
        self._routes = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        for subgraph in subgraphs.values():
            for routes in subgraph.routes:
                self._routes.include_router(routes)
        self._prefixes = frozenset(
            "/" + route.path.lstrip("/").split("/")[0] for subgraph in subgraphs.values()
            for routes in subgraph.routes for route in routes.routes
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] == "http" and "/" + scope["path"].lstrip("/").split("/")[0] in self._prefixes
        await (self._routes if own else self._router)(scope, receive, send)


async def run(home: Home, port: int) -> None:
    """Bring everything up, serve until told to stop, and bring everything down again."""
    infrastructure = await bring_up(home, say)
    base = f"http://127.0.0.1:{port}"
    bases = dict.fromkeys(DOMAINS, base)
    try:
        for name, value in local_environment(infrastructure.environment, bases, base).items():
            os.environ.setdefault(name, value)
        await _serve(home, infrastructure, port, base, bases)
    finally:
        home.forget_addresses()
        say("stopping …")
        await infrastructure.stop()


async def _serve(home: Home, infrastructure: Infrastructure, port: int, base: str, bases: Mapping[str, str]) -> None:
    say("starting the subgraphs …")
    subgraphs = make_all_subgraphs(DOMAINS)
    running = Running(subgraphs, transport_from_environment())
    await running.start()
    bundle = graphiql.build_in_background(say)
    try:
        await seed_demo_people(subgraphs["accounts"])
        app = create_app(
            RouterSettings(),
            supergraph_text=(ROOT / "schema" / "supergraph.graphql").read_text(),
            clients={name: in_process_client(subgraph) for name, subgraph in subgraphs.items()},
        )
        config = uvicorn.Config(
            Front(app, subgraphs), host="127.0.0.1", port=port, http="httptools", lifespan="on",
            log_config=None, access_log=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
        server = Server(config)
        home.note_addresses(
            addresses(
                pid=os.getpid(), router=base, bases=bases,
                database=infrastructure.database, broker=infrastructure.broker,
            )
        )  # fmt: skip
        server.greeting = banner(
            base=base,
            database=infrastructure.database,
            broker=infrastructure.broker,
            people=[(person.email, person.password, person.about) for person in DEMO_PEOPLE],
        )
        await server.serve()
    finally:
        bundle.cancel()
        with suppress(asyncio.CancelledError):
            await bundle
        await running.stop()


class Server(uvicorn.Server):
    """Prints its greeting once it really listens."""

    greeting = ""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self.greeting, flush=True)


def main() -> int:
    configure_logging(level=os.environ.get("LOG_LEVEL", "WARNING"))
    try:
        asyncio.run(run(Home(), int(os.environ.get("PORT", PORT_DEFAULT))))
    except PostgresUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
