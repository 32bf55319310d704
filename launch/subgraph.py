"""
One subgraph as a process of its own: `python -m launch.subgraph wallet`, listening on `HOST` and `PORT`.

This is how compose deploys them. Everything it needs comes from the environment.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from fastapi import FastAPI

from launch import memory
from launch.databases import DOMAINS
from launch.services import Running, make_subgraph, transport_from_environment
from subgraphs.shared.http import create_http_app
from subgraphs.shared.logging import configure_logging


def create_app(name: str) -> FastAPI:
    """The application of domain *name*; its relay, consumer and jobs live as long as it does."""
    subgraph = make_subgraph(name, key_source=None)
    running = Running({name: subgraph}, transport_from_environment())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await running.start()
        memory.settle()
        try:
            yield
        finally:
            await running.stop()

    return create_http_app(subgraph, lifespan=lifespan)


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in DOMAINS:  # a program's name and one argument
        raise SystemExit(f"usage: python -m launch.subgraph {{{','.join(DOMAINS)}}}")
    configure_logging(level=os.environ.get("LOG_LEVEL", "INFO"))
    config = uvicorn.Config(
        create_app(sys.argv[1]),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "4001")),
        http="httptools",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in order by then
        asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
