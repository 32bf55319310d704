"""A query that nobody answered is sent once more; nothing else is."""

import socket

import pytest

from tests.router.clients.conftest import BY_PLAIN_HTTP, failure_of, query
from tests.router.clients.test_addresses import looked_up, named  # noqa: F401  # a fixture
from tests.router.clients.wire import GOOD, answer, wire
from tests.router.small_graph import SUPERGRAPH
from trevo.clients.retrying_client import RetryingClient
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.config.retries import Retries
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

AT_ONCE = Retries(pause_seconds=0)
MUTATION = SubgraphRequest("mutation { a }", deadline=Deadline.after(86_400), is_mutation=True)
NOT_GRAPHQL = b"<html>Bad gateway</html>"


@pytest.fixture
def retrying(client_at):
    """A client that tries again, and what it tells of that."""
    told = []

    def make(url, retries=AT_ONCE, **limits):
        return RetryingClient(client_at(url, **limits), retries, tell=told.append), told

    return make


def from_proxy(status):
    return answer(NOT_GRAPHQL, b"connection: keep-alive", status=status).replace(b"application/json", b"text/html")


@BY_PLAIN_HTTP
@pytest.mark.parametrize(
    "first",
    [
        pytest.param(None, id="closed"),
        pytest.param(from_proxy(b"502 Bad Gateway"), id="502"),
        pytest.param(from_proxy(b"503 Service Unavailable"), id="503"),
        pytest.param(answer(b"", status=b"503 Service Unavailable"), id="503 with nothing"),
    ],
)
async def test_a_query_that_nobody_answered_is_sent_once_more_on_another_connection(retrying, first):
    async with wire(first, GOOD) as there:
        client, told = retrying(there.url)
        assert (await client.send(query())).body == {"data": {}}
        assert (there.documents, there.connections) == (["{ a }"] * 2, [0, 1])
        assert told == [True]


async def test_by_either_carrier(retrying):
    async with wire(from_proxy(b"502 Bad Gateway"), GOOD) as there:
        client, told = retrying(there.url)
        assert (await client.send(query())).body == {"data": {}}
        assert (there.documents, told) == (["{ a }"] * 2, [True])


@BY_PLAIN_HTTP
async def test_and_not_a_third_time(retrying):
    async with wire(from_proxy(b"502 Bad Gateway"), None, GOOD) as there:
        client, told = retrying(there.url)
        failure = await failure_of(client, query())
        assert (failure.message, failure.is_outage) == ("The subgraph 'users' could not be reached.", True)
        assert (there.documents, told) == (["{ a }"] * 2, [False])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([GOOD[:40], None], id="a head that breaks off"),
        pytest.param([GOOD[:-3], None], id="a body that breaks off"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="not HTTP"),
        pytest.param(answer(b"{", status=b"200 OK"), id="no JSON"),
        pytest.param(from_proxy(b"500 Internal Server Error"), id="500"),
        pytest.param(from_proxy(b"504 Gateway Timeout"), id="504"),
        pytest.param(from_proxy(b"404 Not Found"), id="404"),
        pytest.param(answer(b'{"data":{}}' + b" " * 2_000), id="too much"),
    ],
)
@BY_PLAIN_HTTP
async def test_what_was_answered_in_any_way_is_not_asked_again(retrying, said):
    async with wire(said, GOOD) as there:
        client, told = retrying(there.url, subgraph_response_bytes_max=1_000)
        await failure_of(client, query())
        assert (there.documents, told) == (["{ a }"], [])


async def test_nor_is_an_answer_of_graphql_whatever_its_status(retrying):
    said = answer(b'{"errors":[{"message":"busy"}]}', status=b"503 Service Unavailable")
    said = said.replace(b"application/json", b"application/graphql-response+json")
    async with wire(said, GOOD) as there:
        client, told = retrying(there.url)
        assert (await client.send(query())).body == {"errors": [{"message": "busy"}]}
        assert (there.documents, told) == (["{ a }"], [])


@pytest.mark.parametrize("first", [None, from_proxy(b"502 Bad Gateway"), from_proxy(b"503 Service Unavailable")])
async def test_a_mutation_is_never_sent_again(retrying, first):
    async with wire(first, GOOD) as there:
        client, told = retrying(there.url)
        assert (await failure_of(client, MUTATION)).is_outage
        assert (there.documents, told) == (["mutation { a }"], [])


async def test_nor_is_what_has_no_time_left(retrying):
    async with wire(from_proxy(b"502 Bad Gateway"), GOOD) as there:
        client, told = retrying(there.url, Retries(pause_seconds=5))
        await failure_of(client, query(seconds=2))
        assert (there.documents, told) == (["{ a }"], [])


@BY_PLAIN_HTTP
async def test_it_goes_to_another_address_of_the_name(retrying, looked_up):  # noqa: F811
    looked_up[0]["subgraph.test"] = ["127.0.0.1", "127.0.0.2"]
    async with wire(from_proxy(b"502 Bad Gateway"), host="127.0.0.1") as away:
        port = int(away.url.split(":")[2].split("/")[0])
        async with wire(GOOD, host="127.0.0.2", port=port) as there:
            client, told = retrying(named(away))
            assert (await client.send(query())).body == {"data": {}}
            assert (away.documents, there.documents, told) == (["{ a }"], ["{ a }"], [True])


async def test_a_refused_connection_is_tried_once_more(retrying):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client, told = retrying(f"http://127.0.0.1:{port}/graphql")
    assert (await failure_of(client, query())).is_outage
    assert told == [False]


class Asked:
    """A subgraph's client that fails as it is told."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.requests = []

    async def send(self, request):
        self.requests.append(request)
        if self.failures:
            raise self.failures.pop(0)
        return SubgraphResponse({"data": {}})


async def test_the_second_request_says_that_it_is_one():
    asked = Asked(SubgraphFailed("away", is_unanswered=True))
    await RetryingClient(asked, AT_ONCE, tell=lambda _: None).send(query("{ b }"))
    assert [(request.document, request.is_again) for request in asked.requests] == [("{ b }", False), ("{ b }", True)]


@pytest.mark.parametrize(
    ("retries", "documents"),
    [
        ({"pause_seconds": 0}, 2),
        ({"queries": False}, 1),
        ({"queries": False, "subgraphs": {"users": True}, "pause_seconds": 0}, 2),
        ({"subgraphs": {"users": False}}, 1),
    ],
)
async def test_a_router_does_so_unless_told_otherwise_and_counts(retries, documents):
    async with wire(from_proxy(b"502 Bad Gateway"), answer(b'{"data":{"me":{"name":"Ada"}}}')) as there:
        settings = Settings(subgraph_urls={"users": there.url}, retries=Retries(**retries))
        router = Router(settings, supergraph_text=SUPERGRAPH, make_planner=plan_with_planner)
        body = (await router.execute(GraphQLRequest("{ me { name } }"))).body
        await router.stop()
        counted = 'router_subgraph_retries_total{outcome="answered",subgraph="users"} 1.0'
        assert (counted in router.metrics.text().decode()) == (documents == 2)
    assert len(there.documents) == documents
    assert (body["data"]["me"] == {"name": "Ada"}) == (documents == 2)
