"""What one request may take: size, time, a place among others; and what becomes of it if its client leaves."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.router.server.http_client import JSON, Client, code_of, get, post, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.main import create_app
from trevo.serving.request_headers import NAME_KNOWN_BYTES_MAX, _names, read_headers


async def test_a_body_larger_than_the_bound_is_refused_before_it_is_read():
    async with serving(Settings(limits=Limits(body_bytes_max=1000))) as http:
        status, _, body = await post(http, {"query": "{ me { id } }", "x": "y" * 2000})
        assert (status, code_of(body)) == (413, "REQUEST_TOO_LARGE")

        async def chunks():
            for _ in range(20):
                yield b" " * 100

        async with http.post("/graphql", data=chunks(), headers={"content-type": JSON}) as response:
            assert (response.status, code_of(orjson.loads(await response.read()))) == (413, "REQUEST_TOO_LARGE")
        status, _, body = await get(http, query="{ me { id } }", x="y" * 2000)
        assert (status, code_of(body)) == (413, "REQUEST_TOO_LARGE")


async def test_a_body_that_never_ends_is_cut_off():
    async with serving(Settings(limits=Limits(body_seconds_max=0.05))) as http:
        never = asyncio.Event()

        async def chunks():
            yield b"{"
            await never.wait()

        async with http.post("/graphql", data=chunks(), headers={"content-type": JSON}) as response:
            assert (response.status, code_of(orjson.loads(await response.read()))) == (408, "REQUEST_TIMEOUT")
        never.set()


async def test_more_requests_than_the_bound_are_told_to_come_back():
    graph = SmallGraph()
    arrived, release = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        arrived.set()
        await release.wait()
        return {"data": {"me": {"id": "u1"}}}

    graph.users.fault = wait
    async with serving(Settings(limits=Limits(in_flight_max=1)), graph) as http:
        first = asyncio.create_task(post(http, {"query": "{ me { id } }"}))
        await arrived.wait()
        status, headers, body = await post(http, {"query": "{ me { id } }"})
        assert (status, headers["retry-after"], code_of(body)) == (503, "1", "TOO_MANY_REQUESTS_IN_FLIGHT")
        release.set()
        assert (await first)[0] == 200
        assert (await post(http, {"query": "{ me { id } }"}))[0] == 200


@asynccontextmanager
async def mounted(graph):
    """In an application under a server that is not ours."""
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with served(Starlette(routes=[Mount("/", app)])) as there, Client(there.origin) as session:
        yield session


@asynccontextmanager
async def by_itself(graph):
    async with serving(graph=graph) as session:
        yield session


@pytest.mark.parametrize("served_how", [by_itself, mounted])
async def test_a_client_that_leaves_takes_its_fetches_along(served_how):
    graph = SmallGraph()
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        arrived.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    graph.users.fault = wait
    async with served_how(graph) as http:
        request = asyncio.create_task(post(http, {"query": "{ me { id } }"}))
        await arrived.wait()
        request.cancel()
        await asyncio.wait_for(cancelled.wait(), 10)


@pytest.mark.parametrize("served_how", [by_itself, mounted])
async def test_a_mutation_is_finished_even_if_its_client_leaves(served_how):
    graph = SmallGraph()
    arrived, release, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(_request):
        arrived.set()
        await release.wait()
        finished.set()
        return {"data": {"rename": None}}

    graph.users.fault = wait
    async with served_how(graph) as http:
        mutation = 'mutation { rename(id: "u1", name: "X") { id } }'
        request = asyncio.create_task(post(http, {"query": mutation}))
        await arrived.wait()
        request.cancel()
        await asyncio.wait({request})
        release.set()
        await asyncio.wait_for(finished.wait(), 10)


async def test_the_deadline_of_a_caller_is_kept():
    graph = SmallGraph()

    async def never(_request):
        await asyncio.Event().wait()

    graph.users.fault = never
    async with serving(graph=graph) as http:
        status, _, body = await post(
            http, {"query": "{ me { id } topProducts { upc } }"}, **{"x-request-deadline-ms": "200"}
        )
        assert (status, body["data"]) == (200, {"me": None, "topProducts": [{"upc": "p1"}, {"upc": "p2"}]})
        assert code_of(body) == "SUBREQUEST_TIMEOUT"
        status, _, body = await post(http, {"query": "{ me { id } }"}, **{"x-request-deadline-ms": "0"})
        assert (body["data"], code_of(body)) == ({"me": None}, "DEADLINE_EXCEEDED")
        status, _, body = await post(http, {"query": "{ me { id } }"}, **{"x-request-deadline-ms": "soon"})
        assert (status, code_of(body)) == (400, "BAD_REQUEST")


async def test_names_of_headers_that_clients_make_up_are_kept_if_they_are_short_and_few():
    before = set(_names)
    long, short = [b"X-%d-%s" % (number, b"a" * 60_000) for number in range(5)], b"X-Of-This-Test"
    assert read_headers({"headers": [(name, b"1") for name in (*long, short)]}) == {
        name.decode().lower(): "1" for name in (*long, short)
    }
    assert set(_names) - before <= {short}
    assert max(map(len, _names), default=0) <= NAME_KNOWN_BYTES_MAX
