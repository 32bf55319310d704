"""The server around the graph: faults, headers passed on, health, pages of other origins, further routes."""

import aiohttp
import structlog
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.main import create_app
from trevo.serving.metrics_port import metrics_on


async def test_a_bug_is_masked_and_told_in_the_log_under_the_same_id(monkeypatch):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("trevo.gateway.result.project_response", broken)
    with structlog.testing.capture_logs(processors=[]) as logs:
        async with serving() as http:
            status, headers, body = await post(http, {"query": "{ me { id } }"}, **{"x-correlation-id": "abc-12345"})
    assert status == 500
    assert headers["x-correlation-id"] == "abc-12345"
    assert body == {
        "errors": [
            {
                "message": "Something went wrong here; the trace id leads us to it.",
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "traceId": "abc-12345"},
            }
        ]
    }
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["request failed"]


async def test_half_of_a_pair_spoils_its_field():
    graph = SmallGraph()
    graph.users.fault = lambda _request: {"data": {"me": {"name": "\ud800"}}}
    async with serving(graph=graph) as http:
        status, _, body = await post(http, {"query": "{ me { name } }"})
    assert (status, code_of(body), body["data"]) == (200, "INVALID_VALUE", {"me": None})


async def test_every_answer_has_a_correlation_id(http):
    for body in ({"query": "{ me { id } }"}, {"query": "{"}, []):
        _, headers, _ = await post(http, body)
        assert len(headers["x-correlation-id"]) == 24
    _, headers, _ = await post(http, [], **{"x-correlation-id": "not one we would write to a log\u00e4"})
    assert len(headers["x-correlation-id"]) == 24


async def test_subgraphs_get_what_is_on_the_list_and_nothing_else():
    graph = SmallGraph()
    async with serving(graph=graph) as http:
        await post(
            http,
            {"query": "{ me { id } }"},
            **{
                "authorization": "Bearer opaque",
                "accept-language": "pt-BR",
                "user-agent": "test",
                "cookie": "session=1",
                "x-user-id": "admin",
                "x-forwarded-for": "10.9.8.7",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "x-correlation-id": "abc-12345",
            },
        )
    (request,) = graph.users.requests
    headers = dict(request.headers)
    assert headers.pop("x-request-deadline-ms").isdecimal()
    traceparent = headers.pop("traceparent").split("-")
    assert (traceparent[1], traceparent[3]) == ("0af7651916cd43dd8448eb211c80319c", "01")
    assert traceparent[2] != "b7ad6b7169203331"
    assert headers == {
        "authorization": "Bearer opaque",
        "accept-language": "pt-BR",
        "user-agent": "test",
        "x-forwarded-for": "127.0.0.1",
        "x-correlation-id": "abc-12345",
    }


async def test_health_and_ready(http):
    async with http.get("/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    async with http.get("/ready") as response:
        assert (response.status, await response.json()) == (200, {"ready": True})


async def test_metrics_have_a_port_of_their_own(http):
    async with http.get("/metrics") as response:
        assert response.status == 404
    await post(http, {"query": "query Named { me { id } }"})
    with metrics_on(0, "127.0.0.1", http.router.metrics.registry) as port:
        async with aiohttp.ClientSession() as watcher, watcher.get(f"http://127.0.0.1:{port}/metrics") as response:
            text = await response.text()
    assert response.headers["content-type"].startswith("text/plain")
    assert "http_connections " in text
    assert 'router_request_seconds_count{kind="query",operation="Named",outcome="ok"} 1.0' in text
    assert 'router_subgraph_fetch_seconds_count{outcome="ok",subgraph="users"}' in text


async def test_not_ready_is_told_by_status():
    async def not_yet():
        return {"ready": False, "why": "no connection"}

    async with serving(ready_checks={"database": not_yet}) as http, http.get("/ready") as response:
        assert (response.status, await response.json()) == (
            503,
            {"ready": False, "database": {"ready": False, "why": "no connection"}},
        )


async def test_introspection_can_be_switched_off():
    async with serving(Settings(introspection=False)) as http:
        for query in (
            "{ __schema { queryType { name } } }",
            '{ ...F } fragment F on Query { __type(name: "X") { name } }',
        ):
            _, _, body = await post(http, {"query": query})
            assert code_of(body) == "INTROSPECTION_DISABLED"
        _, _, body = await post(http, {"query": "{ __typename mee { id } }"})
        assert body["errors"][0]["message"] == "Cannot query field 'mee' on type 'Query'."
        _, _, body = await post(http, {"query": "{ __typename }"})
        assert body == {"data": {"__typename": "Query"}}


async def test_extra_routes_and_unknown_paths():
    async def page(scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async with serving(extra_routes={"/oauth": page, "/health": page}) as http:
        for path in ("/oauth", "/oauth/token", "/health"):
            async with http.get(path) as response:
                assert (response.status, await response.text()) == (200, path)
        for path in ("/oauthx", "/", "/graphql/", "/nowhere"):
            async with http.get(path) as response:
                assert response.status == 404


async def test_mounted_in_another_application():
    graph = SmallGraph()
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with (
        served(Starlette(routes=[Mount("/api", app)])) as there,
        aiohttp.ClientSession() as session,
        session.post(f"{there.origin}/api/graphql", json={"query": "{ me { id } }"}) as response,
    ):
        assert await response.json() == {"data": {"me": {"id": "u1"}}}
