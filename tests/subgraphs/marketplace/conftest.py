"""A marketplace over a database of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.main import create_subgraph
from subgraphs.shared.clock import FixedClock
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer, in_good_standing
from tests.subgraphs.marketplace.market import CARLOS, MARINA, Market


@pytest_asyncio.fixture
async def market(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Market]:
    """Marina and Carlos may invest; it is noon of 23 November 2026 in London."""
    database = await make_database("marketplace")
    clock = FixedClock()
    settings = MarketplaceSettings(database_url=database.url)
    subgraph = create_subgraph(settings, verifier=tokens.verifier, clock=clock)
    subgraph.standing.ask_accounts = in_good_standing
    market = Market(subgraph, tokens, clock)
    await market.verify(MARINA, CARLOS)
    yield market
    await subgraph.close()
