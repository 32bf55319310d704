"""Whoever doctors the books is refused by the database, or named by the check: service, owner and superuser."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from launch.databases import DomainUrls
from subgraphs.shared.clock import SystemClock
from subgraphs.shared.database import Database
from subgraphs.wallet.domain import books
from subgraphs.wallet.ports.sandbox_delivery import WebhookDelivery
from subgraphs.wallet.ports.sandbox_gateway import Receiver, SandboxGateway
from subgraphs.wallet.ports.sandbox_tax_collector import SandboxTaxCollector
from tests.fixtures.databases import Server
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.wallet import doctored_money_back, doctored_taxes
from tests.subgraphs.wallet.books_story import tell_story
from tests.subgraphs.wallet.conftest import make_world, owner_url
from tests.subgraphs.wallet.doctored import NAMED, REFUSED
from tests.subgraphs.wallet.doctoring import Doctored, Who


@pytest_asyncio.fixture(scope="module")
async def story(postgres: Server, tokens: TokenIssuer) -> DomainUrls:
    """A database on which the story was told; nobody is connected to it."""
    urls = await postgres.clone("wallet")
    world = await make_world(urls.service, postgres, tokens, clock=SystemClock())
    await tell_story(world)
    await world.subgraph.close()
    return urls


@pytest_asyncio.fixture
async def copied(story: DomainUrls, postgres: Server) -> AsyncIterator[str]:
    """A copy of it, by the service's address."""
    url = make_url(story.service)
    name = f"wallet_{secrets.token_hex(6)}"
    await postgres.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}" STRATEGY FILE_COPY')
    yield url.set(database=name).render_as_string(hide_password=False)
    await postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def connect(postgres: Server, url: str, who: Who) -> asyncpg.Connection:
    """As somebody who may do so much, with what they switch off switched off."""
    if who is Who.SERVICE:
        return await asyncpg.connect(url)
    if who is Who.SUPERUSER:
        name = make_url(url).database
        admin = make_url(postgres.admin_url).set(database=name).render_as_string(hide_password=False)
        return await asyncpg.connect(admin, server_settings={"session_replication_role": "replica"})
    return await asyncpg.connect(await owner_url(postgres, url))


async def doctor(connection: asyncpg.Connection, case: Doctored) -> None:
    """All of it, up to the questions that are asked at the commit."""
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    quietly = [row["tablename"] for row in tables] if case.who is Who.QUIETLY else []
    for table in quietly:
        await connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    await connection.execute(case.sql)
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in quietly:
        await connection.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


async def check(url: str) -> books.BooksReport:
    """What the check says two hours later, when the gateway's list has been read again."""
    database, clock = Database(url, pool_size=1, name="check"), SystemClock()
    gateway = SandboxGateway(
        database,
        clock=clock,
        receiver=Receiver(name="", city="", bank_code=""),
        delivery=WebhookDelivery(database, clock=clock, url="", secret=""),
    )
    collector = SandboxTaxCollector(database, clock=clock)
    try:
        return await books.check_books(
            database, now=clock.now() + timedelta(hours=2), gateway=gateway, tax_collector=collector
        )
    finally:
        await database.close()


async def test_the_story_s_books_balance(copied: str) -> None:
    report = await check(copied)
    assert report.problems == ()
    assert report.not_asked == ()


@pytest.mark.parametrize("case", REFUSED + doctored_taxes.REFUSED + doctored_money_back.REFUSED, ids=str)
async def test_the_database_refuses(story: DomainUrls, postgres: Server, case: Doctored) -> None:
    connection = await connect(postgres, story.service, case.who)
    undone = connection.transaction()
    await undone.start()
    try:
        with pytest.raises(asyncpg.PostgresError, match=case.says):
            await doctor(connection, case)
    finally:
        await undone.rollback()
        await connection.close()


@pytest.mark.parametrize("case", NAMED + doctored_taxes.NAMED + doctored_money_back.NAMED, ids=str)
async def test_the_books_name(copied: str, postgres: Server, case: Doctored) -> None:
    connection = await connect(postgres, copied, case.who)
    async with connection.transaction():
        await doctor(connection, case)
    await connection.close()
    problems = (await check(copied)).problems
    assert any(case.says in problem for problem in problems), problems
