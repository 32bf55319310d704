"""An accounts subgraph on a real database, with a clock that moves when told to and cheap password hashes."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest_asyncio
import uvicorn

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.main import create_subgraph
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.http import create_http_app
from subgraphs.shared.subgraph import Subgraph
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.accounts.people import Accounts

CHEAP = {"password_time_cost": 1, "password_memory_kib": 8, "password_parallelism": 1, "answer_seconds_min": 0.0}


@pytest_asyncio.fixture
async def accounts(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Accounts]:
    """Requests are answered at the clock's time; the tokens they carry are the test issuer's."""
    database = await make_database("accounts")
    settings = AccountsSettings(database_url=database.url, key_encryption_secret="only-for-these-tests", **CHEAP)
    clock = FixedClock()
    subgraph = create_subgraph(settings, verifier=tokens.verifier, clock=clock)
    yield Accounts(subgraph, clock, tokens)
    await subgraph.close()


@asynccontextmanager
async def served(subgraph: Subgraph) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client of *subgraph*, served on a free port of this machine."""
    config = uvicorn.Config(create_http_app(subgraph), lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listening = socket.create_server(("127.0.0.1", 0))
    await server.startup(sockets=[listening])
    port = listening.getsockname()[1]
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        await server.shutdown(sockets=[listening])


@pytest_asyncio.fixture
async def over_http(accounts: Accounts) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client of the same subgraph."""
    async with served(accounts.subgraph) as client:
        yield client
