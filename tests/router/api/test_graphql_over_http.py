"""GraphQL over HTTP, spoken by a real client to a real server."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest
import structlog
from starlette.applications import Starlette
from starlette.routing import Mount
from yarl import URL

from router.core.limits import Limits
from router.core.settings import Settings
from router.executor.in_process import InProcessSubgraphClient
from router.main import create_app
from tests.router.small_graph import SUPERGRAPH, SmallGraph, served

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


class Client(aiohttp.ClientSession):
    """A client that knows whom it talks to."""

    ATTRS = aiohttp.ClientSession.ATTRS | {"router"}


@asynccontextmanager
async def serving(settings=None, graph=None, **options):
    graph = graph or SmallGraph()
    clients = {
        subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph, subgraph.listen) for subgraph in graph.subgraphs
    }
    app = create_app(settings or Settings(), supergraph_text=SUPERGRAPH, clients=clients, **options)
    async with served(app) as there, Client(there.origin, auto_decompress=False) as session:
        session.router = app.router
        yield session


@pytest.fixture(scope="module")
async def http():
    async with serving() as session:
        yield session


async def post(http, body, *, accept=None, content_type=JSON, **headers):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = {"content-type": content_type, **headers} | ({"accept": accept} if accept is not None else {})
    async with http.post("/graphql", data=data, headers=sent) as response:
        return response.status, response.headers, orjson.loads(await response.read() or b"null")


async def get(http, *, accept=None, **parameters):
    sent = {"accept": accept} if accept is not None else {}
    async with http.get("/graphql", params=parameters, headers=sent) as response:
        return response.status, response.headers, orjson.loads(await response.read() or b"null")


def code_of(body):
    return body["errors"][0]["extensions"]["code"]


async def test_a_query_by_post(http):
    status, headers, body = await post(
        http,
        {
            "query": "query A { me { id } } query B($id: ID!) { user(id: $id) { name } }",
            "operationName": "B",
            "variables": {"id": "u2"},
            "extensions": {},
        },
    )
    assert (status, body) == (200, {"data": {"user": {"name": "Bob"}}})
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["cache-control"] == "private, no-store"


async def test_a_query_by_get(http):
    query = "query A { me { id } } query B($id: ID!) { user(id: $id) { name } }"
    status, _, body = await get(http, query=query, operationName="B", variables='{"id":"u2"}')
    assert (status, body) == (200, {"data": {"user": {"name": "Bob"}}})


async def test_empty_parameters_of_a_get_stand_for_none(http):
    status, _, body = await get(http, query="{ me { id } }", operationName="", variables="", extensions="")
    assert (status, body) == (200, {"data": {"me": {"id": "u1"}}})


async def test_null_members_stand_for_none(http):
    request = {"query": "{ me { id } }", "operationName": None, "variables": None, "extensions": None}
    status, _, body = await post(http, request)
    assert (status, body) == (200, {"data": {"me": {"id": "u1"}}})


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json; charset=UTF-8", JSON),
        ("text/html, application/json;q=0.5", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"text/html;q=0.9, {GRAPHQL};q=0.1, */*;q=0", GRAPHQL),
    ],
)
async def test_the_media_type_is_negotiated(http, accept, content_type):
    status, headers, body = await post(http, {"query": "{ me { id } }"}, accept=accept)
    assert (status, headers["content-type"]) == (200, f"{content_type}; charset=utf-8")
    assert body == {"data": {"me": {"id": "u1"}}}


@pytest.mark.parametrize("accept", ["text/html", "application/json; charset=iso-8859-1", f"{JSON};q=0", "nonsense"])
async def test_what_cannot_be_given_is_not_acceptable(http, accept):
    status, headers, body = await post(http, {"query": "{ me { id } }"}, accept=accept)
    assert (status, code_of(body)) == (406, "NOT_ACCEPTABLE")
    assert headers["content-type"] == "application/json; charset=utf-8"


REFUSED = [
    ("{ me {", "GRAPHQL_PARSE_FAILED"),
    ("{ }", "GRAPHQL_PARSE_FAILED"),
    ("{ nobody { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ me }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ user(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ("query ($id: ID!) { user(id: $id) { id } }", "BAD_USER_INPUT"),
    ("query A { me { id } } query B { me { id } }", "OPERATION_NAME_REQUIRED"),
    ("fragment F on User { id }", "GRAPHQL_VALIDATION_FAILED"),
    ("type Query { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
]


@pytest.mark.parametrize(("query", "code"), REFUSED)
async def test_a_refused_request_has_no_data_and_its_status_only_in_graphqls_media_type(http, query, code):
    for accept, expected in ((JSON, 200), (GRAPHQL, 400)):
        status, _, body = await post(http, {"query": query}, accept=accept)
        assert (status, list(body), code_of(body)) == (expected, ["errors"], code)
        assert all(isinstance(error["message"], str) for error in body["errors"])


async def test_a_syntax_error_says_where(http):
    _, _, body = await post(http, {"query": "{ me {\n  name ] } }"})
    assert body["errors"] == [
        {
            "message": "Syntax Error: Expected Name, found ']'.",
            "locations": [{"line": 2, "column": 8}],
            "extensions": {"code": "GRAPHQL_PARSE_FAILED"},
        }
    ]


async def test_an_unknown_operation_name(http):
    for accept, expected in ((JSON, 200), (GRAPHQL, 400)):
        status, _, body = await post(http, {"query": "query A { me { id } }", "operationName": "B"}, accept=accept)
        assert (status, code_of(body)) == (expected, "UNKNOWN_OPERATION_NAME")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BAD_REQUEST"),
        (b"{", "BAD_REQUEST"),
        (b'{"query": "{ me { id } }"', "BAD_REQUEST"),
        (b'\xff\xfe{"query": 1}', "BAD_REQUEST"),
        (b"[" * 100_000, "BAD_REQUEST"),
        (b'"text"', "BAD_REQUEST"),
        (b"null", "BAD_REQUEST"),
        (b"7", "BAD_REQUEST"),
        (b"{}", "BAD_REQUEST"),
        (b'{"query": null}', "BAD_REQUEST"),
        (b'{"query": ""}', "BAD_REQUEST"),
        (b'{"query": 7}', "BAD_REQUEST"),
        (b'{"query": ["{ me { id } }"]}', "BAD_REQUEST"),
        (b'{"query": "{ me { id } }", "operationName": 7}', "BAD_REQUEST"),
        (b'{"query": "{ me { id } }", "variables": []}', "BAD_REQUEST"),
        (b'{"query": "{ me { id } }", "variables": "{}"}', "BAD_REQUEST"),
        (b'{"query": "{ me { id } }", "extensions": []}', "BAD_REQUEST"),
        (b'[{"query": "{ me { id } }"}]', "BATCHING_NOT_SUPPORTED"),
        (b"[]", "BATCHING_NOT_SUPPORTED"),
        (b'{"extensions": {"persistedQuery": {"version": 1}}}', "PERSISTED_QUERY_NOT_SUPPORTED"),
    ],
)
async def test_what_is_no_graphql_request_is_a_bad_request_in_every_media_type(http, body, code):
    for accept in (JSON, GRAPHQL):
        status, headers, answer = await post(http, body, accept=accept)
        assert (status, code_of(answer), list(answer)) == (400, code, ["errors"])
        assert headers["content-type"].startswith(accept)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/graphql",
        "application/json; charset=latin-1",
    ],
)
async def test_a_post_must_say_it_is_json(http, content_type):
    """A page elsewhere can send none of JSON's requests without being asked first: this is what stops it."""
    status, _, body = await post(http, {"query": "{ me { id } }"}, content_type=content_type)
    assert (status, code_of(body)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_json_in_utf_8_may_say_so(http):
    status, _, _ = await post(http, {"query": "{ me { id } }"}, content_type='Application/JSON; charset="UTF-8"')
    assert status == 200


async def test_a_get_changes_nothing():
    graph = SmallGraph()
    async with serving(graph=graph) as http:
        for accept in (JSON, GRAPHQL):
            status, headers, body = await get(
                http, query='mutation { rename(id: "u1", name: "X") { name } }', accept=accept
            )
            assert (status, headers["allow"], code_of(body)) == (405, "POST", "MUTATION_NOT_ALLOWED")
        both = 'query A { me { id } } mutation B { rename(id: "u1", name: "X") { name } }'
        assert (await get(http, query=both, operationName="B"))[0] == 405
        assert (await get(http, query=both, operationName="A"))[0] == 200
    assert all("rename" not in request.document for request in graph.users.requests)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_allowed(http, method):
    async with http.request(method, "/graphql") as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, POST")
        assert code_of(orjson.loads(await response.read())) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"variables": "{}"},
        {"query": "{ me { id } }", "variables": "{"},
        {"query": "{ me { id } }", "variables": "[]"},
        {"query": "{ me { id } }", "extensions": "7"},
        [("query", "{ me { id } }"), ("query", "{ me { name } }")],
        [(f"p{n}", "x") for n in range(30)],
    ],
)
async def test_a_get_that_is_no_graphql_request(http, parameters):
    async with http.get("/graphql", params=parameters) as response:
        assert (response.status, code_of(orjson.loads(await response.read()))) == (400, "BAD_REQUEST")


async def test_a_query_string_that_is_not_utf_8(http):
    async with http.get(URL("/graphql?query=%FF%FE", encoded=True)) as response:
        assert (response.status, code_of(orjson.loads(await response.read()))) == (400, "BAD_REQUEST")


async def test_partial_data_is_answered_200_in_both_media_types():
    graph = SmallGraph()
    graph.users.fault = lambda _request: None
    async with serving(graph=graph) as http:
        for accept in (JSON, GRAPHQL):
            status, _, body = await post(http, {"query": "{ me { id } }"}, accept=accept)
            assert (status, body["data"]) == (200, {"me": None})
            status, _, body = await post(http, {"query": "{ users { id } }"}, accept=accept)
            assert (status, body["data"], len(body["errors"])) == (200, None, 1)


async def test_subscriptions_are_refused(http):
    _, _, body = await post(http, {"query": "subscription { me { id } }"})
    assert code_of(body) in {"SUBSCRIPTIONS_NOT_SUPPORTED", "GRAPHQL_VALIDATION_FAILED"}


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


async def test_a_client_that_leaves_takes_its_fetches_along():
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
    async with serving(graph=graph) as http:
        request = asyncio.create_task(post(http, {"query": "{ me { id } }"}))
        await arrived.wait()
        request.cancel()
        await asyncio.wait_for(cancelled.wait(), 10)


async def test_a_mutation_is_finished_even_if_its_client_leaves():
    graph = SmallGraph()
    arrived, release, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(_request):
        arrived.set()
        await release.wait()
        finished.set()
        return {"data": {"rename": None}}

    graph.users.fault = wait
    async with serving(graph=graph) as http:
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


async def test_a_bug_is_masked_and_told_in_the_log_under_the_same_id(monkeypatch):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("router.api.graphql.project_response", broken)
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


async def test_what_cannot_be_written_as_json_is_a_fault_of_ours():
    graph = SmallGraph()
    graph.users.fault = lambda _request: {"data": {"me": {"name": "\ud800"}}}
    async with serving(graph=graph) as http:
        status, _, body = await post(http, {"query": "{ me { name } }"})
    assert (status, code_of(body)) == (500, "INTERNAL_SERVER_ERROR")


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


async def test_health_ready_and_metrics(http):
    async with http.get("/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    async with http.get("/ready") as response:
        assert (response.status, await response.json()) == (200, {"ready": True})
    await post(http, {"query": "query Named { me { id } }"})
    async with http.get("/metrics") as response:
        text = await response.text()
    assert response.headers["content-type"].startswith("text/plain")
    assert 'router_request_seconds_count{kind="query",operation="Named",outcome="ok"} 1.0' in text
    assert 'router_subgraph_fetch_seconds_count{outcome="ok",subgraph="users"}' in text


async def test_not_ready_is_told_by_status():
    async def not_yet():
        return False

    async with serving(ready_checks={"database": not_yet}) as http, http.get("/ready") as response:
        assert (response.status, await response.json()) == (503, {"ready": False, "database": False})


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


async def test_pages_of_listed_origins_may_call_and_others_not():
    async with serving(Settings(cors_origins=("https://app.test",))) as http:
        asked = {
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,authorization",
        }
        async with http.options("/graphql", headers={"origin": "https://app.test", **asked}) as response:
            assert (response.status, response.headers["access-control-allow-origin"]) == (200, "https://app.test")
            assert "access-control-allow-credentials" not in response.headers
        async with http.options("/graphql", headers={"origin": "https://evil.test", **asked}) as response:
            assert response.status == 400
        for origin, allowed in (("https://app.test", "https://app.test"), ("https://evil.test", None)):
            _, headers, _ = await post(http, {"query": "{ me { id } }"}, origin=origin)
            assert headers.get("access-control-allow-origin") == allowed
    async with serving() as http:
        _, headers, _ = await post(http, {"query": "{ me { id } }"}, origin="https://app.test")
        assert "access-control-allow-origin" not in headers


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
