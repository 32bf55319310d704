"""What a connection leaves behind."""

import asyncio
import gc
import warnings
from typing import Any

import pytest

from subgraphs.shared.messaging.rabbitmq.connection import Connection
from subgraphs.shared.messaging.transport import Presence, TransportUnavailable


def test_one_that_could_not_be_made_is_closed() -> None:
    """Else the collector of garbage tries to, and there is no loop to do it in."""

    async def ask_in_vain() -> None:
        connection = Connection("amqp://127.0.0.1:1/", purpose="tries", presence=Presence("RabbitMQ"))
        with pytest.raises(TransportUnavailable):
            await connection.channel()
        await connection.close()

    told: list[Any]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with asyncio.Runner() as runner:
            runner.run(ask_in_vain())
            asyncio.set_event_loop(None)
            gc.collect()
    assert not [each for each in told if "'Connection.close' was never awaited" in str(each.message)]
