"""Sharing over HTTP and web sockets: whatever way a request comes, it is what it asks and who asks that count."""

import asyncio

import structlog

from tests.router.server.http_client import Client, get, post
from tests.router.server.streams import socket_of
from tests.router.sharing.held import QUERY, sharing, told_in
from tests.router.small_graph import served
from trevo.config.sharing import Sharing

ALL = Sharing(queries=True, fetches=True)


async def until(users, count):
    async with asyncio.timeout(30):
        while len(users.came) + users.shared < count:  # noqa: ASYNC110  # a figure tells of nobody's event
            await asyncio.sleep(0.002)


async def test_a_get_and_a_post_of_one_sender_are_the_same_and_the_log_says_so():
    async with sharing(sharing=ALL) as users, served(users.app) as there, Client(there.origin) as http:
        users.expected = 2
        with structlog.testing.capture_logs() as logs:
            first = asyncio.create_task(post(http, {"query": QUERY}, authorization="Bearer a"))
            await until(users, 1)
            http.headers["authorization"] = "Bearer a"
            second = await get(http, query=QUERY)
            first = await first
        assert first[2] == second[2]
        assert first[1]["x-correlation-id"] != second[1]["x-correlation-id"]
        assert (len(users.came), users.shared) == (1, 1)
        assert [line.get("shared") for line in logs if line["event"] == "request"].count(True) == 1


async def test_whose_client_leaves_costs_nobody_else_the_answer():
    async with sharing(sharing=ALL) as users, served(users.app) as there, Client(there.origin) as http:
        users.expected = 3
        leaving = asyncio.create_task(post(http, {"query": QUERY}))
        await until(users, 1)
        staying = asyncio.create_task(post(http, {"query": QUERY}))
        await until(users, 2)
        leaving.cancel()
        await asyncio.wait({leaving})
        others = await post(http, {"query": QUERY})
        assert (await staying)[2] == others[2]
        assert (len(users.came), users.shared) == (1, 2)


async def test_the_token_of_a_web_socket_counts_and_not_that_of_its_upgrade():
    async with sharing(sharing=ALL) as users, served(users.app) as there, Client(there.origin) as http:
        users.expected = 2
        posted = asyncio.create_task(post(http, {"query": QUERY}, authorization="Bearer a"))
        await until(users, 1)
        async with socket_of(http, authorization="Bearer a") as socket:
            await socket.begin({"authorization": "Bearer b"})
            await socket.subscribe(query=QUERY)
            answer = await socket.receive()
        tokens = [told_in(body)[0]["authorization"] for body in ((await posted)[2], answer["payload"])]
        assert tokens == ["Bearer a", "Bearer b"]
        assert (len(users.came), users.shared) == (2, 0)
