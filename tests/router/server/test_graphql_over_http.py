"""GraphQL over HTTP, spoken by a real client to a real server."""

import orjson
import pytest
from yarl import URL

from tests.router.server.http_client import GRAPHQL, JSON, code_of, get, post, serving
from tests.router.small_graph import SmallGraph


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
        (b'{"extensions": {"persistedQuery": {"version": 1}}}', "BAD_REQUEST"),
        (b'{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "ab"}}}', "BAD_REQUEST"),
        (b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab"}}}', "PERSISTED_QUERY_NOT_SUPPORTED"),
        (b'{"documentId": "ab"}', "PERSISTED_QUERY_NOT_SUPPORTED"),
        (b'{"documentId": "a b"}', "BAD_REQUEST"),
        (b'{"documentId": ["ab"]}', "BAD_REQUEST"),
        (b'{"documentId": "ab", "query": "{ me { id } }"}', "BAD_REQUEST"),
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
