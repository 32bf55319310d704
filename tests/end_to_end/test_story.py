"""The story over RabbitMQ. Over the embedded transport, in one process and in eight, `test_operations` has it told."""

from pathlib import Path

import pytest

from launch.home import Addresses
from story.client import Client
from story.narrator import Narrator
from story.telling import tell
from tests.fixtures.product import Product, running
from tests.fixtures.rabbitmq import product_namespace

STEPS = 39


async def told_to(addresses: Addresses) -> int:
    client, narrator = Client(addresses), Narrator()
    try:
        await tell(client, narrator)
    finally:
        await client.close()
    return narrator.steps


@pytest.mark.timeout(240)
async def test_the_story_comes_true_over_rabbitmq(tmp_path: Path, rabbitmq_url: str) -> None:
    async with product_namespace(rabbitmq_url) as broker, running(Product(tmp_path, broker=broker)) as addresses:
        assert addresses.broker.startswith("RabbitMQ at ")
        assert await told_to(addresses) == STEPS
