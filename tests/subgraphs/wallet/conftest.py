"""The wallet on a real database, and over real HTTP where that is what a test is about."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import asyncpg
import pytest_asyncio
import uvicorn
from sqlalchemy.engine import make_url

from subgraphs.shared.clock import Clock, FixedClock
from subgraphs.shared.http import create_http_app
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.main import create_subgraph
from tests.fixtures.databases import MakeDatabase, Server
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer, in_good_standing
from tests.subgraphs.wallet.wallet_world import NINE_O_CLOCK, WalletWorld

UNBOUNDED = """INSERT INTO parameters (name, valid_from, value, note)
  VALUES ('cooling_off_hours', '2020-01-02', 0, 'for tests'),
         ('night_limit_minor', '2020-01-02', 100000000, 'for tests')"""
WEBHOOK_SECRET = "a-secret-that-only-the-gateway-knows"
BOOKS_SECRET = "nobody-who-owns-the-database-has-it"


@pytest_asyncio.fixture
async def world(make_database: MakeDatabase, postgres: Server, tokens: TokenIssuer) -> AsyncIterator[WalletWorld]:
    """An empty wallet at nine o'clock on 23 November 2026."""
    database = await make_database("wallet")
    world = await make_world(database.url, postgres, tokens, clock=FixedClock(NINE_O_CLOCK))
    try:
        yield world
    finally:
        await world.subgraph.close()


async def make_world(url: str, postgres: Server, tokens: TokenIssuer, *, clock: Clock) -> WalletWorld:
    """An empty wallet on the database at *url*."""
    settings = WalletSettings(
        database_url=url,
        webhook_secret=WEBHOOK_SECRET,
        sealing_secret="only-for-these-tests",
        books_secret=BOOKS_SECRET,
        people_secret="nobody-else-knows-this",
    )
    people = KnownPeople()
    subgraph = create_subgraph(settings, verifier=tokens.verifier, clock=clock, people=people)
    subgraph.standing.ask_accounts = in_good_standing
    # What bounds money that leaves by its age and hour is tested by itself.
    connection = await asyncpg.connect(await owner_url(postgres, url))
    await connection.execute(UNBOUNDED)
    await connection.close()
    return WalletWorld(subgraph, clock, tokens, people)


async def owner_url(postgres: Server, url: str) -> str:
    """The database at *url* for the role that owns its tables."""
    template = await postgres.template("wallet")
    return make_url(template.owner).set(database=make_url(url).database).render_as_string(hide_password=False)


@pytest_asyncio.fixture
async def owner(world: WalletWorld, postgres: Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the role that owns the tables: what the service may not do, it may, but for the triggers."""
    connection = await asyncpg.connect(await owner_url(postgres, world.subgraph.database.url))
    try:
        yield connection
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def rules(owner: asyncpg.Connection) -> None:
    """The rules as they are delivered, which the other tests of the wallet switch off."""
    await owner.execute(
        "INSERT INTO parameters SELECT name, '2020-01-03', value, note FROM parameters "
        "WHERE valid_from = '2020-01-01' AND name IN (SELECT name FROM parameters WHERE note = 'for tests')"
    )


@dataclass
class Served:
    """The wallet over HTTP."""

    url: str
    client: aiohttp.ClientSession


@pytest_asyncio.fixture
async def served(world: WalletWorld) -> AsyncIterator[Served]:
    """The wallet's HTTP application on a free port; the sandbox gateway delivers its webhooks there."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    world.sandbox.delivery.url = f"http://127.0.0.1:{port}/webhooks/pix"
    config = uvicorn.Config(create_http_app(world.subgraph), log_config=None, http="httptools", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    # The socket listens already: whoever connects before the server runs waits for it.
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with aiohttp.ClientSession() as client:
            yield Served(f"http://127.0.0.1:{port}", client)
    finally:
        server.should_exit = True
        await running
