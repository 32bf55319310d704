"""One client's side of a subscription over each transport: the next response, whatever it comes in."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest

from tests.router.server.streams import ADDED, listening, socket_of
from tests.router.small_graph import SUPERGRAPH

NAMELESS = SUPERGRAPH.replace("  name: String! @join__field(graph: USERS)\n", "")
"""A graph without a field that `ADDED` asks for."""


@asynccontextmanager
async def by_events(http, query=ADDED, **headers):
    async with listening(http, query, **headers) as events:

        async def take():
            type_, body = await events.next()
            return body if type_ == "next" else type_

        yield take


@asynccontextmanager
async def by_parts(http, query=ADDED, **headers):
    async with listening(http, query, accept="multipart/mixed;subscriptionSpec=1.0", **headers) as events:

        async def take():
            while True:
                part = await events.response.content.readuntil(b"\r\n--graphql")
                body = orjson.loads(part.removesuffix(b"\r\n--graphql").rpartition(b"\r\n")[2])
                if body:
                    return body["payload"] or {"errors": body["errors"]}

        await events.response.content.readuntil(b"--graphql")
        yield take


@asynccontextmanager
async def by_socket(http, query=ADDED, **headers):
    async with socket_of(http, **headers) as socket:
        await socket.begin()
        await socket.subscribe("1", query)

        async def take():
            message = await socket.receive()
            payload = message.get("payload", message["type"])
            return {"errors": payload} if message["type"] == "error" else payload

        yield take


TRANSPORTS = pytest.mark.parametrize("subscribed", [by_events, by_parts, by_socket], ids=["events", "parts", "socket"])


async def until_gone_over(http, count=1):
    """Wait until so many subscriptions have gone over to a new graph with the streams there are."""
    figure = f'router_subscriptions_replanned_total{{stream="kept"}} {float(count)}\n'
    await until(lambda: figure in http.router.metrics.text().decode())


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # a figure tells of nobody's event
            await asyncio.sleep(0.001)


def code_and_reason(body):
    assert body.keys() == {"errors"}
    (error,) = body["errors"]
    return error["extensions"]["code"], error["extensions"]["reason"]
