"""Who waits for an answer, and leaves when it is there already."""

import asyncio

from trevo.gateway.request import GraphQLRequest
from trevo.observability.metrics import Metrics
from trevo.server.waiting_client import WaitingClient


async def test_who_leaves_when_the_answer_is_there_ends_nothing():
    """What watches has heard of it in the very turn of the loop in which the answer came."""
    metrics = Metrics()
    left = asyncio.Event()

    async def receive():
        left.set()
        return {"type": "http.disconnect"}

    async def answer_as_it_leaves():
        await left.wait()
        return "answer"

    async def serve():
        client = WaitingClient(metrics, GraphQLRequest("{ a }"))
        with client.watched({}, receive):
            given = await client.unless_gone(answer_as_it_leaves())
        for _ in range(3):
            await asyncio.sleep(0)  # as long as the answer takes to be sent
        return given

    assert await asyncio.create_task(serve()) == "answer"
    assert metrics.registry.get_sample_value("router_requests_cancelled_total") == 0
