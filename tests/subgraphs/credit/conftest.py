"""The credit subgraph, fresh for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.credit.credit_builders import Credit, make_credit


@pytest_asyncio.fixture
async def credit(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Credit]:
    made = make_credit(await make_database("credit"), tokens)
    yield made
    await made.subgraph.close()
