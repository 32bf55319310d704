"""What stands around the router, under our own server: it sees and may change all that comes and goes."""

import asyncio

import aiohttp
import pytest
from fastapi import FastAPI

from tests.router.server.http_client import post
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from tests.serving.plain_client import server_with
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.main import create_app


def a_router(graph=None):
    graph = graph or SmallGraph()
    clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in graph.subgraphs}
    return create_app(Settings(rates=Rates(enabled=False)), supergraph_text=SUPERGRAPH, clients=clients)


def around(router, answer):
    """*answer* is given all requests; what else there is goes to *router* itself."""

    async def app(scope, receive, send):
        await (answer if scope["type"] == "http" else router)(scope, receive, send)

    return app


@pytest.mark.parametrize(("hears", "speaks"), [(True, True), (True, False), (False, True)])
async def test_a_middleware_sees_all_that_comes_and_goes(hears, speaks):
    talkative = Talkative(a_router(), hears=hears, speaks=speaks)
    async with server_with(talkative) as server, aiohttp.ClientSession(server.origin) as http:
        status, headers, body = await post(http, {"query": "{ me: __typename }"})
        assert (status, body) == (200, {"data": {"__typename" if hears else "me": "Query"}})
        assert headers.get("x-seen") == ("yes" if speaks else None)
        assert headers["x-frame-options"] == "DENY"


class Talkative:
    """Asks something else than was asked, and says that it saw the answer."""

    def __init__(self, app, *, hears, speaks):
        self._app = app
        self._hears, self._speaks = hears, speaks

    async def __call__(self, scope, receive, send):
        async def receive_other():
            message = await receive()
            if message["type"] == "http.request":
                return {**message, "body": b'{"query": "{ __typename }"}'}
            return message

        async def send_seen(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-seen", b"yes")]}
            await send(message)

        if scope["type"] == "http":
            await self._app(scope, receive_other if self._hears else receive, send_seen if self._speaks else send)
        else:
            await self._app(scope, receive, send)


@pytest.mark.parametrize(
    ("method", "path", "accept", "answer"),
    [
        ("POST", "/graphql", "application/json", (200, b'{"data":{"me":{"id":"u1"}}}')),
        ("POST", "/graphql", "text/event-stream", (200, b":\n\nevent: next\ndata: ")),
        ("GET", "/health", "*/*", (200, b'{"status":"ok"}')),
        ("GET", "/nowhere", "*/*", (404, b"Not found")),
    ],
)
@pytest.mark.parametrize("is_ours", [True, False])
async def test_a_middleware_of_fastapi_gives_each_answer_a_header(is_ours, method, path, accept, answer):
    app = FastAPI()

    @app.middleware("http")
    async def sign(request, call_next):
        response = await call_next(request)
        response.headers["x-signed"] = "yes"
        return response

    app.mount("/", a_router())

    async def served(scope, receive, send):
        if not is_ours:
            scope = {**scope, "extensions": {}}  # as if another served
        await app(scope, receive, send)

    body = {"query": "{ me { id } }"} if method == "POST" else None
    async with (
        server_with(served) as server,
        aiohttp.ClientSession(server.origin) as http,
        http.request(method, path, json=body, headers={"accept": accept}) as response,
    ):
        status, said = answer
        assert (response.status, response.headers.get("x-signed")) == (status, "yes")
        assert (await response.read()).startswith(said)


async def test_a_middleware_that_changes_what_goes_sees_the_headers_of_every_answer_and_has_the_last_word():
    router, seen = a_router(), []

    async def see(scope, receive, send):
        async def send_without(message):
            if message["type"] == "http.response.start":
                seen.extend(name for name, _ in message["headers"])
                message = {**message, "headers": [each for each in message["headers"] if each[0] != b"x-frame-options"]}
            await send(message)

        await router(scope, receive, send_without)

    async with (
        server_with(around(router, see)) as server,
        aiohttp.ClientSession(server.origin) as http,
        http.get("/health") as response,
    ):
        assert "x-frame-options" not in response.headers
        assert response.headers.getall("x-content-type-options") == ["nosniff"]
    assert b"x-frame-options" in seen


async def test_a_middleware_that_says_that_the_client_has_gone_is_heard():
    """It may have a time of its own for an answer; what nobody waits for is given up."""
    graph, asked, given_up = SmallGraph(), asyncio.Event(), asyncio.Event()

    async def never():
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    graph.users.fault = lambda _request: never()
    router = a_router(graph)

    async def go_soon(scope, receive, send):
        messages = []

        async def receive_until_asked():
            if not messages:
                messages.append(await receive())
                return messages[0]
            await asked.wait()
            return {"type": "http.disconnect"}

        await router(scope, receive_until_asked, send)
        await send({"type": "http.response.start", "status": 504, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async with (
        asyncio.timeout(20),
        server_with(around(router, go_soon)) as server,
        aiohttp.ClientSession(server.origin) as http,
    ):
        async with http.post("/graphql", json={"query": "{ me { id } }"}) as response:
            assert response.status == 504
        await given_up.wait()
        assert router.router.metrics.registry.get_sample_value("router_requests_cancelled_total") == 1
