"""One running product for all the flows that a worker runs: starting one takes longer than most tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from story import people
from story.client import Client
from tests.fixtures.product import Product, running
from tests.flows.scene import Scene, lend_at_two_percent


@pytest_asyncio.fixture(scope="session")
async def started_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(Product(tmp_path_factory.mktemp("flows"))) as addresses:
        client = Client(addresses)
        try:
            analyst, admin, approver = [
                await people.demo_person(client, f"{name}@demo.peerseed.example")
                for name in ("ana", "admin", "diretoria")
            ]
            scene = Scene(client, analyst, admin, approver)
            await lend_at_two_percent(scene)
            yield scene
        finally:
            await client.close()


@pytest_asyncio.fixture
async def scene(started_scene: Scene) -> Scene:
    """The product with its staff signed in, however far the test before has moved the clock."""
    await started_scene.with_staff()
    return started_scene
