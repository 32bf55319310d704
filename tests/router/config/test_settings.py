"""What a setting of the router changes that no other test sets, with values on both sides of its figure."""

import socket
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest
from pydantic import ValidationError

from tests.router.auth.test_keys import Source
from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, raw_answer, served
from trevo.auth import keys as keys_module
from trevo.auth.forward_identity import headers_for_subgraphs
from trevo.auth.identity import make_verifier
from trevo.auth.keys import KeysUnavailable
from trevo.clients.http_client import HttpSubgraphClient
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.main import create_app
from trevo.observability.tracing import begin_trace


@asynccontextmanager
async def error_read(**settings):
    """The first error that a client reads of a subgraph's: thirty letters, with three extensions."""
    extensions = {"code": "ODD", "traceId": "t-1", "table": "users"}

    async def answer(_scope, _receive, send):
        errors = [{"message": "x" * 30, "extensions": extensions}]
        await raw_answer(send, 200, orjson.dumps({"data": None, "errors": errors}))

    async with (
        served(http_app(SmallGraph().subgraphs[0], answer)) as there,
        aiohttp.ClientSession() as http,
    ):
        urls = {subgraph.name: f"{there.origin}/graphql" for subgraph in SmallGraph().subgraphs}
        app = create_app(Settings(subgraph_urls=urls, **settings), supergraph_text=SUPERGRAPH)
        async with (
            served(app) as router,
            http.post(f"{router.origin}/graphql", json={"query": "{ me { name } }"}) as response,
        ):
            yield (await response.json())["errors"][0]


@pytest.mark.parametrize(("most", "letters"), [(29, 29), (30, 30), (31, 30)])
async def test_an_error_is_as_long_as_set_at_most(most, letters):
    async with error_read(limits=Limits(error_message_characters_max=most)) as error:
        assert len(error["message"]) == letters


@pytest.mark.parametrize("names", [{"code"}, {"code", "table"}])
async def test_a_client_reads_the_extensions_set(names):
    async with error_read(subgraph_error_extensions=frozenset(names)) as error:
        assert error["extensions"].keys() - {"service", "traceId"} == names


@pytest.mark.parametrize("path", ["/graphql", "/api"])
async def test_the_endpoint_is_where_it_is_set(path):
    app = create_app(Settings(graphql_path=path), supergraph_text=SUPERGRAPH)
    async with served(app) as router, aiohttp.ClientSession(router.origin) as http:
        found = {}
        for tried in ("/graphql", "/api"):
            async with http.post(tried, json={"query": "{ __typename }"}) as response:
                found[tried] = response.status
    assert found == {"/graphql": 404, "/api": 404} | {path: 200}


@pytest.mark.parametrize("names", [("x-team",), ("x-team", "cookie")])
def test_subgraphs_get_the_headers_set(names):
    came = {"x-team": "one", "cookie": "c=1", "authorization": "Bearer t"}
    sent = headers_for_subgraphs(came, begin_trace({}), None, Settings(forwarded_headers=names))
    passed_on = {name: value for name, value in sent.of("reviews").items() if name in came}
    assert passed_on == {name: came[name] for name in names}


def test_headers_are_passed_on_by_names_that_may_be():
    assert Settings(forwarded_headers=("X-Team",)).forwarded_headers == ("x-team",)
    for name in ("Host", "content-length", "traceparent", "two words"):
        with pytest.raises(ValidationError, match=name):
            Settings(forwarded_headers=(name,))


@pytest.fixture
def clock(monkeypatch):
    class Time:
        now = 1000.0

        def monotonic(self):
            return self.now

    stand_in = Time()
    monkeypatch.setattr(keys_module, "time", stand_in)
    return stand_in


async def test_keys_are_believed_without_asking_as_long_as_set(clock):
    source = Source("one")
    keys = make_verifier(Settings(jwks_cache_seconds=7.0), source)._keys
    asked = []
    for seconds in (0, 6, 1):
        clock.now += seconds
        await keys.find("one")
        asked.append(source.asked)
    assert asked == [1, 1, 2]


async def test_keys_are_used_without_their_source_as_long_as_set(clock):
    source = Source("one")
    keys = make_verifier(Settings(jwks_cache_seconds=7.0, jwks_stale_seconds_max=60.0), source)._keys
    assert await keys.find("one") is not None
    source.fails = True
    clock.now += 59
    assert await keys.find("one") is not None
    clock.now += 1
    with pytest.raises(KeysUnavailable):
        await keys.find("one")


async def test_connecting_takes_as_long_as_set_at_most():
    """A listener whose line is full lets nobody in and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        limits = Limits(subgraph_connect_seconds_max=0.1)
        client = HttpSubgraphClient("users", f"http://127.0.0.1:{address[1]}/graphql", limits)
        deadline = Deadline.after(60)
        with pytest.raises(SubgraphFailed):
            await client.send(SubgraphRequest("{ me { name } }", deadline=deadline))
        await client.close()
        for one in waiting:
            one.close()
    assert deadline.seconds_left() > 50
