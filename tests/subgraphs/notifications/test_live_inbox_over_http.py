"""The live inbox at the subgraph's own door, as a router of any make asks for it, and as nobody should."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import pytest
import pytest_asyncio

from subgraphs.notifications.schemas import heard
from subgraphs.shared import event_stream
from subgraphs.shared.http import create_http_app
from tests.builders.serving import served
from tests.subgraphs.notifications.conftest import MARINA, Inboxes
from tests.subgraphs.notifications.test_live_inbox import ids_of

STREAM = "text/event-stream"
RECEIVED = {"query": "subscription { notificationReceived { subjectId } }"}


@pytest_asyncio.fixture
async def http(inboxes: Inboxes) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        served(lambda _: create_http_app(inboxes.subgraph)) as address,
        aiohttp.ClientSession(address, headers={"accept": STREAM}) as session,
    ):
        yield session


async def until_followed(inboxes: Inboxes, *, followed: bool = True) -> None:
    live = inboxes.subgraph.services.live_inboxes
    async with asyncio.timeout(20):
        while bool(live._followers) is not followed or (followed and not _waits(live)):
            await inboxes.subgraph.database.answers()


def _waits(live: Any) -> bool:
    return any(news._waiters for of in live._followers.values() for news in of)


async def lines_of(response: aiohttp.ClientResponse) -> list[bytes]:
    return [line.rstrip(b"\n") async for line in response.content if line.strip() and line != b":\n"]


async def id_line(inboxes: Inboxes) -> bytes:
    (id_,) = await ids_of(inboxes, MARINA)
    return b"id: %b\n" % id_.encode()


async def test_events_and_their_end(inboxes: Inboxes, http: aiohttp.ClientSession) -> None:
    async with http.post("/graphql", json=RECEIVED, headers=inboxes.tokens.bearer(MARINA)) as response:
        assert (response.status, response.content_type) == (200, STREAM)
        await until_followed(inboxes)
        await inboxes.arrives(heard.DepositConfirmed(deposit_id=UUID(int=1), user_id=MARINA, amount_minor=1))
        while not (line := await response.content.readline()).startswith(b"data"):
            assert line in (b":\n", b"\n", b"event: next\n") or line == await id_line(inboxes)
        assert orjson.loads(line[6:]) == {"data": {"notificationReceived": {"subjectId": str(UUID(int=1))}}}
        inboxes.subgraph.ending.end_all()
        event, data, *complete = await lines_of(response)
    assert (event, complete) == (b"event: next", [b"event: complete", b"data:"])
    assert orjson.loads(data[6:])["errors"][0]["extensions"]["code"] == "SERVER_STOPPING"


async def test_without_a_token_the_door_is_closed(inboxes: Inboxes, http: aiohttp.ClientSession) -> None:
    async with http.post("/graphql", json=RECEIVED) as response:
        event, data, *complete = await lines_of(response)
    assert (event, complete) == (b"event: next", [b"event: complete", b"data:"])
    answer = orjson.loads(data[6:])
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "UNAUTHENTICATED")


async def test_a_stream_that_is_complete_at_once_leaves_its_connection_usable(inboxes: Inboxes) -> None:
    """A sign of life after the end would be a fault, for which the server closes the connection."""
    async with (
        served(lambda _: create_http_app(inboxes.subgraph)) as address,
        aiohttp.ClientSession(address, connector=aiohttp.TCPConnector(limit=1)) as http,
    ):
        for _ in range(3):
            async with http.post("/graphql", json=RECEIVED, headers={"accept": STREAM}) as refused:
                assert (await lines_of(refused))[-2:] == [b"event: complete", b"data:"]
            async with http.post("/graphql", json={"query": "{ __typename }"}) as answer:
                assert await answer.json() == {"data": {"__typename": "Query"}}


async def test_who_goes_is_forgotten(inboxes: Inboxes, http: aiohttp.ClientSession) -> None:
    response = await http.post("/graphql", json=RECEIVED, headers=inboxes.tokens.bearer(MARINA))
    await until_followed(inboxes)
    response.close()
    await until_followed(inboxes, followed=False)


async def test_a_quiet_stream_gives_signs_of_life(
    inboxes: Inboxes, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_SECONDS", 0.01)
    async with http.post("/graphql", json=RECEIVED, headers=inboxes.tokens.bearer(MARINA)) as response:
        assert [await response.content.readline() for _ in range(6)] == [b":\n", b"\n"] * 3


async def test_a_subscription_without_a_stream_is_told_what_to_do(
    inboxes: Inboxes, http: aiohttp.ClientSession
) -> None:
    headers = {"accept": "application/graphql-response+json", **inboxes.tokens.bearer(MARINA)}
    async with http.post("/graphql", json=RECEIVED, headers=headers) as response:
        assert response.status == 400
        (error,) = (await response.json(content_type=None))["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "send 'accept: text/event-stream'" in error["message"]


async def test_a_body_that_is_no_request(http: aiohttp.ClientSession) -> None:
    async with http.post("/graphql", data=b"{", headers={"content-type": "application/json"}) as response:
        assert response.status == 400
