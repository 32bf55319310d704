"""The contracts subgraph, fresh for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.databases import MakeDatabase
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.contracts.contracts_builders import Contracts, running_contracts


@pytest_asyncio.fixture
async def contracts(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Contracts]:
    async with running_contracts(await make_database("contracts"), tokens) as made:
        yield made
