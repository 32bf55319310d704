"""One running product with the story told, for the tests that only look."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from launch.home import Home
from story.client import Client
from story.narrator import Narrator
from story.telling import Told, tell
from tests.fixtures.product import Product, running


@dataclass
class World:
    """The product after the story, and a client of it."""

    client: Client
    told: Told
    home: Home


@asynccontextmanager
async def told_world(folder: Path, module: str) -> AsyncIterator[World]:
    async with running(Product(folder, module=module)) as addresses:
        client = Client(addresses)
        try:
            yield World(client, await tell(client, Narrator()), Home(folder))
        finally:
            await client.close()


@pytest_asyncio.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Everything in one process."""
    async with told_world(tmp_path_factory.mktemp("product"), "launch.in_process") as world:
        yield world


@pytest_asyncio.fixture(scope="session")
async def split_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Each subgraph a process of its own, called over HTTP."""
    async with told_world(tmp_path_factory.mktemp("split"), "launch.split") as world:
        yield world
