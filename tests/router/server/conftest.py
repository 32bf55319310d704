"""One server for all that only ask it something, and a graph for those who look at what its subgraphs are asked."""

import pytest

from tests.router.server.http_client import serving
from tests.router.small_graph import SmallGraph


@pytest.fixture
def graph():
    return SmallGraph()


@pytest.fixture(scope="module")
async def http():
    async with serving() as session:
        yield session
