"""The whole way over real HTTP: a client, the router, four subgraphs; and subgraphs that fail while they are asked."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, raw_answer, served
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.main import create_app

QUERY = "{ me { name reviews { body } } topProducts(first: 1) { name inStock } }"
WHOLE = {
    "me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]},
    "topProducts": [{"name": "Chair", "inStock": True}],
}


@asynccontextmanager
async def running(answer=None, *, limits=None):
    """The router's address, and the servers of its subgraphs; *answer* replaces what `reviews` sends."""
    graph = SmallGraph()
    async with AsyncExitStack() as stack:
        servers = {}
        for subgraph in graph.subgraphs:
            app = http_app(subgraph, answer if subgraph.name == "reviews" else None)
            servers[subgraph.name] = await stack.enter_async_context(served(app))
        urls = {name: f"{server.origin}/graphql" for name, server in servers.items()}
        settings = Settings(subgraph_urls=urls, limits=limits or Limits())
        router = await stack.enter_async_context(served(create_app(settings, supergraph_text=SUPERGRAPH)))
        http = await stack.enter_async_context(aiohttp.ClientSession())

        async def ask(query=QUERY):
            async with http.post(f"{router.origin}/graphql", json={"query": query}) as response:
                assert response.status == 200
                return await response.json()

        yield ask, servers, graph


def without_reviews(code):
    message = {
        "SUBREQUEST_FAILED": "The subgraph 'reviews' could not be reached.",
        "SUBREQUEST_TIMEOUT": "The subgraph 'reviews' did not answer in time.",
        "SUBREQUEST_INVALID_RESPONSE": "The subgraph 'reviews' gave an answer that is not JSON.",
    }[code]
    return {
        "data": {**WHOLE, "me": {"name": "Ada", "reviews": None}},
        "errors": [{"message": message, "path": ["me", "reviews"], "extensions": {"code": code, "service": "reviews"}}],
    }


async def test_everything_works():
    async with running() as (ask, _, _):
        assert await ask() == {"data": WHOLE}


async def test_a_subgraph_is_killed_and_comes_back():
    async with running() as (ask, servers, graph):
        await ask()
        await servers["reviews"].stop()
        assert await ask() == without_reviews("SUBREQUEST_FAILED")
        async with served(http_app(graph.reviews), port=servers["reviews"].port):
            assert await ask() == {"data": WHOLE}


async def test_a_subgraph_is_too_slow():
    never = asyncio.Event()

    async def answer(_scope, _receive, _send):
        await never.wait()

    async with running(answer, limits=Limits(subgraph_seconds_max=1)) as (ask, _, _):
        assert await ask() == without_reviews("SUBREQUEST_TIMEOUT")
        never.set()


async def test_a_subgraph_sends_a_page_instead():
    async def answer(_scope, _receive, send):
        await raw_answer(send, 200, b"<html>maintenance</html>", b"text/html")

    async with running(answer) as (ask, _, _):
        assert await ask() == without_reviews("SUBREQUEST_INVALID_RESPONSE")


async def test_a_subgraph_breaks_off_in_the_middle():
    async def answer(_scope, _receive, send):
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"data":', "more_body": True})
        raise ConnectionAbortedError

    async with running(answer) as (ask, _, _):
        assert await ask() == without_reviews("SUBREQUEST_FAILED")
