"""Who waits for an answer, and leaves when it is there already."""

import asyncio

import pytest

from trevo.gateway.request import GraphQLRequest
from trevo.observability.metrics import Metrics
from trevo.observability.tracing import begin_trace
from trevo.server.sse import ServerSentEvents
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
        client = WaitingClient(metrics, [GraphQLRequest("{ a }")])
        with client.watched({}, receive):
            given = await client.unless_gone(answer_as_it_leaves())
        for _ in range(3):
            await asyncio.sleep(0)  # as long as the answer takes to be sent
        return given

    assert await asyncio.create_task(serve()) == "answer"
    assert metrics.registry.get_sample_value("router_requests_cancelled_total") == 0


@pytest.mark.parametrize("query", ["", "subscription { mutationAdded }"])
async def test_a_subscription_whose_client_left_before_it_opened_ends_as_soon_as_it_does(query):
    """Until it opens it may be a mutation, for all that is known of a document that is only named."""
    sent, left = [], asyncio.Event()

    async def send(message):
        sent.append(message["type"])

    async def receive():
        left.set()
        return {"type": "http.disconnect"}

    async def serve():
        stream = ServerSentEvents(send, begin_trace({}), 60.0)
        client = WaitingClient(Metrics(), [GraphQLRequest(query)], stream)

        async def answer():
            await left.wait()
            for _ in range(3):
                await asyncio.sleep(0)  # nobody ends it before
            sent.append("planned")
            await stream.open()
            await asyncio.Event().wait()

        with client.watched({}, receive):
            given = await client.unless_gone(answer())
        await stream.stop()
        return given

    assert await asyncio.wait_for(asyncio.create_task(serve()), 20) is None
    assert sent[0] == "planned"
