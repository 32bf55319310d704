"""
One subgraph as a process of its own: `python -m launch.subgraph wallet`, listening on `HOST` and `PORT`.

This is how compose deploys them. Everything it needs comes from the environment.
"""

if __name__ == "__main__":
    from launch import loading

    loading.begin()

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from fastapi import FastAPI

from launch import memory
from launch.databases import DOMAINS
from launch.queues import read_queues
from launch.secret_files import SecretFileUnreadable, read_secret_files
from launch.services import Running, make_subgraph, transport_from_environment
from subgraphs.shared.clock import WrongClockFile
from subgraphs.shared.http import create_http_app
from subgraphs.shared.logging import configure_logging
from subgraphs.shared.ports import SandboxNotAskedFor
from subgraphs.shared.settings import PortSettings
from subgraphs.shared.subgraph import Subgraph
from trevo.serving.asgi import ASGIApp
from trevo.serving.config import ServingConfig
from trevo.serving.metrics_port import metrics_on


def create_app(subgraph: Subgraph, port: PortSettings) -> ASGIApp:
    """The application of *subgraph*; its relay, consumer and jobs live as long as it does."""
    running = Running({subgraph.name: subgraph}, transport_from_environment(), read_queues())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await running.start()
        memory.settle()
        try:
            yield
        finally:
            await running.stop()

    return create_http_app(
        subgraph,
        lifespan=lifespan,
        trusted=port.trusted_proxies,
        cors_origins=port.cors_origins,
        cors=port.cors,
    )


class Server(uvicorn.Server):
    """Ends subscriptions before it waits for what is open."""

    def __init__(self, config: uvicorn.Config, subgraph: Subgraph) -> None:
        super().__init__(config)
        self._subgraph = subgraph

    async def shutdown(self, sockets: Any = None) -> None:
        self._subgraph.ending.end_all()
        await super().shutdown(sockets)


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in DOMAINS:  # a program's name and one argument
        raise SystemExit(f"usage: python -m launch.subgraph {{{','.join(DOMAINS)}}}")
    configure_logging(level=os.environ.get("LOG_LEVEL", "INFO"))
    try:
        read_secret_files(os.environ)
        port = PortSettings()
        subgraph = make_subgraph(sys.argv[1], key_source=None)
    except (SandboxNotAskedFor, SecretFileUnreadable, WrongClockFile) as error:
        raise SystemExit(str(error)) from None
    app = create_app(subgraph, port)
    config = ServingConfig(app, port.connections, host=port.host, port=port.port, trusted=port.trusted_proxies)
    # uvicorn has stopped in order by the time it passes the interruption on.
    with suppress(KeyboardInterrupt), metrics_on(port.metrics_port, port.metrics_host):
        asyncio.run(Server(config, subgraph).serve())


if __name__ == "__main__":
    main()
