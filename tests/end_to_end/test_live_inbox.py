"""A live inbox through all that lies between: the router, the subgraph, its database; and when one of them goes."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from story import people
from story.client import Client
from story.narrator import Narrator
from tests.end_to_end.gateway import new_charge, notice_of, notify
from tests.fixtures.parts import ToldParts
from tests.fixtures.product import Product

pytestmark = pytest.mark.timeout(300)  # the first test tells the story

RECEIVED = "subscription($after: ID) { notificationReceived(after: $after) { id title } }"
NEWEST = "{ me { notifications(first: 1) { nodes { id } } } }"
DEPOSITED = "Depósito confirmado"


@pytest_asyncio.fixture(scope="module")
async def told(told_parts: ToldParts) -> ToldParts:
    """Marina signed in anew: tokens live for ten minutes."""
    await people.sign_in(told_parts.client, told_parts.told.investors[0])
    return told_parts


async def newest(told: ToldParts) -> str:
    nodes = (await told.parts.ask(NEWEST, token=token_of(told))).data["me"]["notifications"]["nodes"]
    return str(nodes[0]["id"])


def token_of(told: ToldParts) -> str:
    return told.told.investors[0].token


async def deposit(told: ToldParts) -> None:
    """Ten reais for Marina, of which she will be told."""
    _, txid = await new_charge(told.parts, told.told.investors[0])
    assert (await notify(told.parts, orjson.dumps(notice_of(txid)))).status == 200


async def title_of_next(answers: AsyncIterator[dict[str, Any]]) -> str:
    answer = await anext(answers)
    assert "errors" not in answer, answer
    return str(answer["data"]["notificationReceived"]["title"])


async def test_a_deposit_is_told_live(told: ToldParts) -> None:
    async with told.parts.listen(RECEIVED, {"after": await newest(told)}, token=token_of(told)) as answers:
        await deposit(told)
        assert await title_of_next(answers) == DEPOSITED
        await deposit(told)
        assert await title_of_next(answers) == DEPOSITED


async def test_a_subgraph_that_dies_ends_the_stream_with_a_code_and_nothing_is_lost(told: ToldParts) -> None:
    last = await newest(told)
    async with told.parts.listen(RECEIVED, {"after": last}, token=token_of(told)) as answers:
        await deposit(told)
        assert await title_of_next(answers) == DEPOSITED
        async with told.parts.dead("notifications"):
            (answer,) = [one async for one in answers]
            extensions = {"code": "SUBREQUEST_FAILED", "service": "notifications"}
            message = "The subgraph 'notifications' broke off."
            assert answer == {"errors": [{"message": message, "extensions": extensions}]}
            async with told.parts.listen(RECEIVED, {"after": last}, token=token_of(told)) as refused:
                (answer,) = [one async for one in refused]
            assert answer["errors"][0]["extensions"]["code"] == "SUBREQUEST_FAILED"
            await deposit(told)
    async with told.parts.listen(RECEIVED, {"after": last}, token=token_of(told)) as answers:
        assert [await title_of_next(answers), await title_of_next(answers)] == [DEPOSITED, DEPOSITED]


async def test_an_outage_of_the_database_is_waited_out(told: ToldParts) -> None:
    async with told.parts.listen(RECEIVED, {"after": await newest(told)}, token=token_of(told)) as answers:
        await deposit(told)
        assert await title_of_next(answers) == DEPOSITED
        async with told.parts.without_postgres():
            pass
        for name in ("accounts", "wallet", "notifications"):
            await told.parts.until_ready(name)
        await deposit(told)
        assert await title_of_next(answers) == DEPOSITED


@pytest.mark.parametrize("module", ["launch.in_process", "launch.split"])
async def test_told_to_stop_the_product_ends_open_streams_and_itself(module: str, tmp_path: Path) -> None:
    product = Product(tmp_path, module=module)
    addresses = await product.start()
    client = Client(addresses)
    try:
        marina = await people.sign_up(client, Narrator(), "Marina Costa", "INVESTOR")
        async with aiohttp.ClientSession() as http:
            headers = {"accept": "text/event-stream", "authorization": f"Bearer {marina.token}"}
            body = {"query": "subscription { notificationReceived { id } }"}
            sse = await http.post(addresses.graphql, json=body, headers=headers)
            socket = await http.ws_connect(addresses.graphql, protocols=("graphql-transport-ws",))
            await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {marina.token}"}})
            await socket.send_json({"id": "1", "type": "subscribe", "payload": body})
            assert (await socket.receive_json())["type"] == "connection_ack"
            stopping = asyncio.create_task(product.stop(signal.SIGINT))
            told = (await sse.text()).removeprefix(":\n\n")
            assert told.startswith("event: next\n")
            assert '"SERVER_STOPPING"' in told
            assert told.endswith("event: complete\ndata:\n\n")
            closed = await socket.receive()
            assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1012)
            assert await stopping == 0
    finally:
        await client.close()
        await product.stop()
