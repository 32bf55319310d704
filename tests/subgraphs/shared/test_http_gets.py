"""What a subgraph answers to GET, and what of an answer that was never begun is said (GraphQL over HTTP)."""

from types import SimpleNamespace

import aiohttp
import pytest
import pytest_asyncio

from subgraphs.shared.http import create_http_app
from tests.builders.serving import served

ASKED = "query Who($id: ID) { me(id: $id) { id } }"


class Answering(SimpleNamespace):
    """As much of a subgraph as its port needs: remembers what it was asked, and answers what it is told to."""

    async def execute(self, request):
        self.request = request
        return self.answer


@pytest.fixture
def subgraph():
    answer = {"data": {"me": None}}
    return Answering(name="users", routes=[], internal_routes=[], request_bytes_max=1_000, answer=answer)


@pytest_asyncio.fixture
async def http(subgraph):
    async with served(lambda _: create_http_app(subgraph)) as address, aiohttp.ClientSession(address) as session:
        yield session


async def test_a_query_may_come_in_the_query_string(http, subgraph):
    parameters = {"query": ASKED, "variables": '{"id": "7"}', "operationName": "Who", "extensions": "{}"}
    async with http.get("/graphql", params=parameters) as response:
        assert (response.status, await response.json()) == (200, {"data": {"me": None}})
    asked = subgraph.request
    assert (asked.query, asked.variables, asked.operation_name) == (ASKED, {"id": "7"}, "Who")
    assert asked.changes_nothing


async def test_what_is_empty_in_a_query_string_stands_for_none(http, subgraph):
    async with http.get("/graphql", params={"query": "{ me }", "variables": "", "operationName": ""}) as response:
        assert response.status == 200
    assert (subgraph.request.variables, subgraph.request.operation_name) == (None, None)


async def test_a_post_may_change_something(http, subgraph):
    async with http.post("/graphql", json={"query": ASKED}) as response:
        assert response.status == 200
    assert not subgraph.request.changes_nothing


@pytest.mark.parametrize(
    ("parameters", "status", "message"),
    [
        ([], 400, "The request must have a string 'query'."),
        ([("query", "")], 400, "The request must have a string 'query'."),
        ([("query", "{ me }"), ("query", "{ you }")], 400, "The parameter 'query' is given twice."),
        ([("query", "{ me }"), ("variables", "{")], 400, "The parameter 'variables' is not JSON."),
        ([("query", "{ me }"), ("variables", "[1]")], 400, "'variables' must be an object."),
        ([("query", "{ me }"), ("extensions", "7")], 400, "'extensions' must be an object."),
        ([("query", "{ me }" + "x" * 1_000)], 413, "The query string is larger than 1000 bytes."),
    ],
)
async def test_a_query_string_that_is_no_request_is_told_why(http, subgraph, parameters, status, message):
    async with http.get("/graphql", params=parameters) as response:
        told = await response.json(content_type=None)
        assert (response.status, told["errors"][0]["message"]) == (status, message)
    assert not hasattr(subgraph, "request")


@pytest.mark.parametrize("extensions", ["text", 0, False, ["list"]])
async def test_extensions_are_an_object_or_nothing(http, subgraph, extensions):
    async with http.post("/graphql", json={"query": "{ me }", "extensions": extensions}) as response:
        told = await response.json(content_type=None)
        assert (response.status, told["errors"][0]["message"]) == (400, "'extensions' must be an object.")
    assert not hasattr(subgraph, "request")


@pytest.mark.parametrize("accepted", ["application/json", "application/graphql-response+json"])
async def test_a_mutation_by_get_is_answered_405(http, subgraph, accepted):
    error = {"message": "Send it by POST.", "extensions": {"code": "MUTATION_NOT_ALLOWED"}}
    subgraph.answer = {"data": None, "errors": [error]}
    async with http.get("/graphql", params={"query": "mutation { a }"}, headers={"accept": accepted}) as response:
        assert (response.status, response.headers["allow"]) == (405, "POST")
        assert await response.json(content_type=None) == {"errors": [error]}


@pytest.mark.parametrize(
    ("error", "status", "has_data"),
    [
        ({"extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}, 400, False),
        ({"extensions": {"code": "UNAUTHENTICATED"}}, 401, False),
        ({"extensions": {"code": "COST_TOO_HIGH"}}, 400, False),
        ({"extensions": {"code": "INTERNAL_SERVER_ERROR"}}, 500, False),
        ({"extensions": {"code": "INTERNAL_SERVER_ERROR"}, "path": ["me"]}, 200, True),
    ],
)
async def test_there_is_data_only_where_something_was_begun(http, subgraph, error, status, has_data):
    subgraph.answer = {"data": None, "errors": [error]}
    headers = {"accept": "application/graphql-response+json"}
    async with http.post("/graphql", json={"query": "{ me }"}, headers=headers) as response:
        told = await response.json(content_type=None)
        assert (response.status, "data" in told) == (status, has_data)
