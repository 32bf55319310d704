"""A distribution subgraph over a database of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from subgraphs.distribution.core.settings import DistributionSettings
from subgraphs.distribution.main import create_subgraph
from subgraphs.shared.clock import FixedClock
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.distribution.register import PAID_AT, Register


@pytest_asyncio.fixture
async def register(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Register]:
    """Nothing is known yet; it is the day of the first payment."""
    database = await make_database("distribution")
    clock = FixedClock(PAID_AT)
    settings = DistributionSettings(database_url=database.url, people_secret="nobody-else-knows-this")
    people = KnownPeople()
    subgraph = create_subgraph(settings, verifier=tokens.verifier, people=people, clock=clock)
    yield Register(subgraph, tokens, clock, people)
    await subgraph.close()
