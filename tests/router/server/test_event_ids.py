"""Events have the names that their subgraph gives them, and who comes back with one goes on from there."""

import orjson
import pytest

from tests.router.server.http_client import code_of, serving
from tests.router.server.streams import ADDED, STREAM, a_review, added, listening, socket_of
from tests.router.server.test_tokens_over_http import publish
from tests.router.server.test_web_socket_tokens import WITH_TOKENS, bearer_for, renew
from tests.router.small_graph import END, SUPERGRAPH, SmallGraph, http_app, served
from trevo.clients.in_process import InProcessSubgraphClient, NamedEvent
from trevo.config.settings import Settings
from trevo.main import create_app

PARTS = "multipart/mixed;subscriptionSpec=1.0"


@pytest.fixture
def graph():
    graph = SmallGraph()
    graph.reviews.names_events = True
    return graph


async def test_an_event_has_the_id_that_its_subgraph_gave_it(graph):
    async with serving(graph=graph) as http, listening(http) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        lines = [await events.next_line() for _ in range(6)]
    data = b'data: {"data":{"reviewAdded":{"body":"words 1","author":{"name":"Ada"}}}}'
    assert lines == [b":", b"", b"event: next", b"id: new1", data, b""]


async def test_one_that_has_none_has_none(graph):
    graph.reviews.names_events = False
    async with serving(graph=graph) as http, listening(http) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1), END)
        assert b"id:" not in await events.response.content.read()


@pytest.mark.parametrize("accept", [STREAM, PARTS])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_comes_back_is_told_what_came_since(graph, accept, method):
    graph.reviews.announce(a_review(1), a_review(2, "u2"), a_review(3), END)
    headers = {"accept": accept, "last-event-id": "new1"}
    asked = {"params": {"query": ADDED}} if method == "GET" else {"json": {"query": ADDED}}
    async with serving(graph=graph) as http, http.request(method, "/graphql", headers=headers, **asked) as response:
        text = await response.text()
    assert [text.count(f"words {number}") for number in (1, 2, 3)] == [0, 1, 1]
    (request,) = graph.reviews.requests
    assert request.headers["last-event-id"] == "new1"
    # Of whom else is asked for an event it is not told.
    assert [asked.headers.get("last-event-id") for asked in graph.users.requests] == [None, None]


async def test_over_http_subgraphs_are_asked_by_the_header_and_name_events_by_the_field(graph):
    async with served(http_app(graph.reviews)) as there:
        text = SUPERGRAPH.replace("http://reviews.invalid", there.origin)
        async with serving(graph=graph, supergraph_text=text, over_http=("reviews",)) as http:
            graph.reviews.announce(a_review(1), a_review(2), END)
            async with listening(http, **{"last-event-id": "new1"}) as events:
                answer = await events.response.text()
    assert answer.count("id: ") == 1
    assert "event: next\nid: new2\ndata: " in answer


@pytest.mark.parametrize("name", ["x" * 201, "\u00e9"])
async def test_what_is_no_id_is_refused(graph, name):
    async with serving(graph=graph) as http, listening(http, **{"last-event-id": name}) as events:
        assert events.response.status == 400
        body = orjson.loads(await events.response.read())
    assert (code_of(body), body["errors"][0]["message"]) == (
        "BAD_REQUEST",
        "'last-event-id' must be the id of an event.",
    )
    assert graph.reviews.requests == []


async def test_a_name_that_cannot_be_said_again_is_told_as_none(graph):
    """So a browser forgets the one before it, instead of going on from there again."""

    async def named(_request):
        for name in ("one", "\n"):
            yield NamedEvent(name, {"data": {"reviewAdded": None}})

    clients = {"reviews": InProcessSubgraphClient("reviews", graph.reviews, named)}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with served(app) as there, there.client() as http, listening(http) as events:
        text = await events.response.text()
    assert [line for line in text.splitlines() if line.startswith("id")] == ["id: one", "id: "]


async def test_a_query_has_no_use_for_it(graph):
    async with serving(graph=graph) as http, listening(http, "{ me { id } }", **{"last-event-id": "x" * 300}) as events:
        assert await events.rest() == [("next", {"data": {"me": {"id": "u1"}}}), ("complete", None)]


async def test_a_renewed_token_goes_on_behind_the_last_event(graph):
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": bearer_for(300)})
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert (await socket.receive())["payload"] == added(1)
        # It is told to nobody who listens.
        graph.reviews.told.append(a_review(2))
        await renew(socket, bearer_for(600))
        assert (await socket.receive())["payload"] == added(2)
        await renew(socket, bearer_for(900))
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(3))
        assert (await socket.receive())["payload"] == added(3)
    assert [request.headers.get("last-event-id") for request in graph.reviews.requests] == [None, "new1", "new2"]


async def test_a_header_of_the_upgrade_is_of_no_operation(graph):
    async with serving(graph=graph) as http, socket_of(http, **{"last-event-id": "new1"}) as socket:
        await socket.begin()
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
    assert "last-event-id" not in graph.reviews.requests[0].headers
