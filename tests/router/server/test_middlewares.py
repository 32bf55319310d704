"""What stands around the router, under our own server: it sees and may change all that comes and goes."""

import aiohttp
import pytest
from fastapi import FastAPI

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
