"""
Whoever doctors the books is refused by the database, or named by the check: service, owner and superuser.

By a whole check all of it, and by one that goes on from a verified place what was done after that.
"""

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
from subgraphs.wallet.domain.places import BooksKey
from subgraphs.wallet.ports.sandbox_delivery import WebhookDelivery
from subgraphs.wallet.ports.sandbox_gateway import Receiver, SandboxGateway
from subgraphs.wallet.ports.sandbox_tax_collector import SandboxTaxCollector
from tests.fixtures.databases import Server
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.wallet import doctored_money_back, doctored_taxes
from tests.subgraphs.wallet.books_story import tell_story
from tests.subgraphs.wallet.checking import KEY
from tests.subgraphs.wallet.conftest import make_world, owner_url
from tests.subgraphs.wallet.doctored import NAMED, REFUSED
from tests.subgraphs.wallet.doctoring import Doctored, Who
from tests.subgraphs.wallet.wallet_world import number

EARLIER = number(0xE1)
"""She deposited something before the story, up to which all is verified."""
SEEN_BY_THE_NEXT_WHOLE_CHECK = {
    # Rows taken away: nothing is written by that, and where things stand is as before.
    f"settled payments deleted, by {Who.QUIETLY}",
    f"withdrawals that never were, by {Who.QUIETLY}",
    f"an unclaimed credit that never was, by {Who.QUIETLY}",
    f"payouts that were never told of, by {Who.SUPERUSER}",
    f"half of a reversal taken away, by {Who.SUPERUSER}",
    f"a remittance as if it had never been, by {Who.QUIETLY}",
    # What others say of what is verified is not asked again.
    f"a receipt of less, by {Who.OWNER}",
}
"""All that a check from the place on does not see of what was done before it."""


@pytest_asyncio.fixture(scope="module")
async def story(postgres: Server, tokens: TokenIssuer) -> DomainUrls:
    """A database on which the story was told, after a verified place; nobody is connected to it."""
    urls = await postgres.clone("wallet")
    world = await make_world(urls.service, postgres, tokens, clock=SystemClock())
    await world.person_with(EARLIER, 10_00)
    assert (await check(urls.service, sign_with=KEY)).place is not None
    await tell_story(world)
    await world.subgraph.close()
    return urls


@pytest_asyncio.fixture(scope="module")
async def verified(story: DomainUrls, postgres: Server) -> AsyncIterator[DomainUrls]:
    """A copy of it on which all of the story is verified."""
    async for url in copy(story, postgres):
        assert (await check(url, sign_with=KEY)).place is not None
        yield DomainUrls(owner=await owner_url(postgres, url), service=url)


async def copy(of: DomainUrls, postgres: Server) -> AsyncIterator[str]:
    """A copy, by the service's address."""
    url = make_url(of.service)
    name = f"wallet_{secrets.token_hex(6)}"
    await postgres.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}" STRATEGY FILE_COPY')
    yield url.set(database=name).render_as_string(hide_password=False)
    await postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest_asyncio.fixture
async def copied(story: DomainUrls, postgres: Server) -> AsyncIterator[str]:
    """A copy of the story."""
    async for url in copy(story, postgres):
        yield url


@pytest_asyncio.fixture
async def copied_verified(verified: DomainUrls, postgres: Server) -> AsyncIterator[str]:
    """A copy of the story that is verified."""
    async for url in copy(verified, postgres):
        yield url


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


async def check(url: str, *, since_last: bool = False, sign_with: BooksKey | None = None) -> books.BooksReport:
    """What the check says two hours later, when the gateway's list has been read again."""
    database, clock = Database(url, pool_size=1, name="check"), SystemClock()
    gateway = SandboxGateway(
        database,
        clock=clock,
        receiver=Receiver(name="", city="", bank_code=""),
        delivery=WebhookDelivery(database, clock=clock, url="", secret=""),
    )
    others = {"gateway": gateway, "tax_collector": SandboxTaxCollector(database, clock=clock)}
    now = clock.now() + timedelta(hours=2)
    try:
        if since_last:
            return await books.check_since_last(database, KEY, now=now, keep=False, **others)
        return await books.check_books(database, now=now, sign_with=sign_with, **others)
    finally:
        await database.close()


async def test_the_story_s_books_balance(copied: str, copied_verified: str) -> None:
    report = await check(copied)
    assert report.problems == ()
    assert report.not_asked == ()
    for url, place in ((copied, 1), (copied_verified, 2)):
        later = await check(url, since_last=True)
        assert later.since is not None
        assert (later.problems, later.since.number, later.digest) == ((), place, report.digest)
        assert later.entries == report.entries


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


async def doctored(postgres: Server, url: str, case: Doctored) -> None:
    connection = await connect(postgres, url, case.who)
    async with connection.transaction():
        await doctor(connection, case)
    await connection.close()


ALL_NAMED = NAMED + doctored_taxes.NAMED + doctored_money_back.NAMED


@pytest.mark.parametrize("case", ALL_NAMED, ids=str)
async def test_the_books_name(copied: str, postgres: Server, case: Doctored) -> None:
    await doctored(postgres, copied, case)
    for since_last in (False, True):
        report = await check(copied, since_last=since_last)
        assert (report.since is not None) is since_last
        assert any(case.says in problem for problem in report.problems), report.problems


def test_each_that_only_the_next_whole_check_sees_is_a_case() -> None:
    assert {str(case) for case in ALL_NAMED} >= SEEN_BY_THE_NEXT_WHOLE_CHECK


@pytest.mark.parametrize("case", ALL_NAMED, ids=str)
async def test_what_is_doctored_before_the_place_shows_but_for_what_only_a_whole_check_finds(
    copied_verified: str, postgres: Server, case: Doctored
) -> None:
    await doctored(postgres, copied_verified, case)
    since = await check(copied_verified, since_last=True)
    assert since.balanced is (str(case) in SEEN_BY_THE_NEXT_WHOLE_CHECK), since.problems
    whole = await check(copied_verified)
    assert any(case.says in problem for problem in whole.problems), whole.problems
