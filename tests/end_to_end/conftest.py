"""One running product with the story told, for the tests that only look."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from launch.story.client import Client
from launch.story.narrator import Narrator
from launch.story.telling import Told, tell
from tests.fixtures.product import Product, running


@dataclass
class World:
    """The product after the story, and a client of it."""

    client: Client
    told: Told


@pytest_asyncio.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running(Product(tmp_path_factory.mktemp("product"))) as addresses:
        client = Client(addresses)
        try:
            yield World(client, await tell(client, Narrator()))
        finally:
            await client.close()
