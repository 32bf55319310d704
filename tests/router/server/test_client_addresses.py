"""Whom subgraphs are told that a request comes from, by HTTP, by web socket and where a token is passed on."""

import asyncio

import aiohttp
import orjson
import pytest

from tests.router.server.http_client import post, serving
from tests.router.server.streams import socket_of
from tests.router.small_graph import SmallGraph, raw_answer, served
from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.config.settings import Settings

LOOPBACK = Settings(trusted_networks=("127.0.0.0/8",))
CHAIN = "198.51.100.1, 203.0.113.4:5000"


async def told_by_http(settings, *lines):
    graph = SmallGraph()
    async with serving(settings, graph) as http:
        sent = [("content-type", "application/json"), *(("x-forwarded-for", line) for line in lines)]
        async with http.post("/graphql", data=b'{"query": "{ me { id } }"}', headers=sent) as response:
            assert response.status == 200
    return graph.users.requests[0].headers.get("x-forwarded-for")


async def test_a_client_is_not_believed_about_itself():
    assert await told_by_http(Settings(), CHAIN) == "127.0.0.1"


async def test_a_trusted_proxy_is_believed_about_its_client_and_no_further():
    assert await told_by_http(LOOPBACK, CHAIN) == "203.0.113.4"
    assert await told_by_http(LOOPBACK, "198.51.100.1", "203.0.113.4") == "203.0.113.4"
    assert await told_by_http(LOOPBACK, "203.0.113.4, 127.0.0.2") == "203.0.113.4"
    assert await told_by_http(LOOPBACK) == "127.0.0.1"


async def test_hops_may_be_stated_instead_of_networks():
    assert await told_by_http(Settings(trusted_hops=1), CHAIN) == "203.0.113.4"
    assert await told_by_http(Settings(trusted_hops=2), CHAIN) == "198.51.100.1"


async def test_a_web_socket_comes_from_the_client_too():
    graph = SmallGraph()
    async with serving(LOOPBACK, graph) as http, socket_of(http, **{"x-forwarded-for": CHAIN}) as socket:
        await socket.begin()
        await socket.subscribe(query="{ me { id } }")
        assert (await socket.receive())["type"] == "next"
    assert graph.users.requests[0].headers["x-forwarded-for"] == "203.0.113.4"


async def test_who_signs_in_by_the_page_is_told_to_the_token_endpoint(tmp_path):
    told = asyncio.Queue()

    async def endpoint(scope, _receive, send):
        told.put_nowait(dict(scope["headers"]).get(b"x-forwarded-for"))
        await raw_answer(send, 200, b"{}")

    async with served(endpoint) as there:
        page = GraphiQLSettings(folder=tmp_path, token_url=f"{there.origin}/oauth/token")
        async with serving(Settings(trusted_networks=("127.0.0.0/8",), graphiql=page)) as http:
            form = aiohttp.FormData({"grant_type": "password", "username": "ada"})
            headers = {"x-forwarded-for": CHAIN}
            async with http.post("/graphiql/token", data=form, headers=headers) as response:
                assert (response.status, await response.read()) == (200, b"{}")
    assert told.get_nowait() == b"203.0.113.4"


async def test_nothing_that_is_no_network_can_be_trusted(monkeypatch):
    monkeypatch.setenv("ROUTER_TRUSTED_NETWORKS", orjson.dumps(["10.0.0.1/8"]).decode())
    with pytest.raises(ValueError, match="is not a valid IPv4 or IPv6 network"):
        Settings()


async def test_the_answer_is_the_same_whoever_asks():
    async with serving(LOOPBACK) as http:
        _, _, body = await post(http, {"query": "{ me { id } }"}, **{"x-forwarded-for": "nonsense, , ;;"})
    assert body == {"data": {"me": {"id": "u1"}}}
