"""Subscriptions as server-sent events, spoken by a real client to a real server."""

import asyncio
import time

import orjson
import pytest
import structlog
from graphql import GraphQLError

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import code_of, get, post, serving
from tests.router.server.streams import ADDED, STREAM, TOKEN_REFUSED, Events, a_review, added, listening
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import END, SUPERGRAPH, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.main import create_app

SUBSCRIPTION = {"query": ADDED}


@pytest.fixture
async def http(graph):
    async with serving(graph=graph) as session:
        yield session


def codes_of(event):
    return [error["extensions"]["code"] for error in event["errors"]]


async def test_each_event_goes_through_the_whole_plan(http, graph):
    async with listening(http, variables={"of": "p1"}) as events:
        assert events.response.status == 200
        assert events.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert events.response.headers["cache-control"] == "private, no-store"
        assert len(events.response.headers["x-correlation-id"]) == 24
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert await events.next() == ("next", added(1))
        graph.reviews.announce(a_review(2, "u2"), END)
        assert await events.rest() == [("next", added(2, "Bob")), ("complete", None)]
    assert graph.reviews.requests[0].variables == {"of": "p1"}
    assert [len(request.variables["representations"]) for request in graph.users.requests] == [1, 1]


async def test_by_get_as_an_event_source_asks(http, graph):
    headers = {"accept": STREAM}
    async with http.get("/graphql", params={"query": ADDED, "variables": '{"of":"p1"}'}, headers=headers) as response:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), END)
        assert await Events(response).rest() == [("next", added()), ("complete", None)]


@pytest.mark.parametrize("accept", [f"application/json, {STREAM}", f"{STREAM};q=0.5, */*"])
async def test_who_accepts_both_gets_what_the_operation_needs(http, graph, accept):
    async with listening(http, accept=accept) as events:
        assert events.response.content_type == STREAM
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(END)
        assert await events.rest() == [("complete", None)]
    status, headers, body = await post(http, {"query": "{ me { id } }"}, accept=accept)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "application/json")
    assert body == {"data": {"me": {"id": "u1"}}}


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "application/graphql-response+json", "text/*, */*"]
)
async def test_without_a_stream_a_subscription_is_refused_and_told_what_to_do(http, accept):
    status, _, body = await post(http, SUBSCRIPTION, accept=accept)
    assert (status, code_of(body)) == (406, "SUBSCRIPTION_NEEDS_STREAM")
    assert "send 'accept: text/event-stream'" in body["errors"][0]["message"]


async def test_without_a_stream_by_get_too(http):
    status, _, body = await get(http, query=ADDED)
    assert (status, code_of(body)) == (406, "SUBSCRIPTION_NEEDS_STREAM")


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("{ me { id } }", {"me": {"id": "u1"}}),
        ('mutation { rename(id: "u1", name: "Eva") { name } }', {"rename": {"name": "Eva"}}),
    ],
)
async def test_other_operations_can_come_as_a_stream_of_one(http, query, data):
    async with listening(http, query) as events:
        assert await events.rest() == [("next", {"data": data}), ("complete", None)]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { reviewAdded { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: reviewAdded { id } b: reviewAdded { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ...A } fragment A on Subscription { a: __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($a: Boolean!) { reviewAdded @include(if: $a) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($of: ID!) { reviewAdded(of: $of) { id } }", "BAD_USER_INPUT"),
    ],
)  # fmt: skip
async def test_what_is_refused_comes_as_an_event_to_who_reads_events_alone(http, graph, query, code):
    async with listening(http, query) as events:
        assert events.response.status == 200
        (type_, refusal), complete = await events.rest()
    assert (type_, codes_of(refusal), complete) == ("next", [code], ("complete", None))
    assert "data" not in refusal
    assert graph.reviews.requests == []


async def test_a_null_that_may_not_be_takes_its_event_with_it(http, graph):
    async with listening(http, "subscription { reviewNeeded { body author { name } } }") as events:
        await graph.reviews.until_listeners(1)
        graph.users.fault = lambda _request: {"data": {"_entities": [{"name": None}]}}
        graph.reviews.announce(a_review(1))
        _, event = await events.next()
        assert event["data"] is None
        assert event["errors"][0]["path"] == ["reviewNeeded", "author", "name"]
        graph.users.fault = None
        graph.reviews.announce(a_review(2))
        assert (await events.next())[1]["data"]["reviewNeeded"]["author"] == {"name": "Ada"}


async def test_errors_have_the_clients_paths_and_the_next_event_is_none_the_worse(http, graph):
    query = "subscription { new: reviewAdded { text: body writer: author { name email } } }"

    def illegible(_info):
        raise GraphQLError("illegible")

    async with listening(http, query) as events:
        await graph.reviews.until_listeners(1)
        graph.users.fault = lambda _request: 1 / 0
        graph.reviews.announce({**a_review(1), "body": illegible})
        _, event = await events.next()
        assert event["data"] == {"new": None}
        assert sorted(error["path"] for error in event["errors"]) == [["new", "text"], ["new", "writer", "name"]]
        graph.users.fault = None
        graph.reviews.announce(a_review(2))
        assert (await events.next())[1] == {
            "data": {"new": {"text": "words 2", "writer": {"name": "Ada", "email": "ada@example.org"}}}
        }


async def test_a_subgraph_that_was_late_for_one_event_is_asked_for_the_next(graph):
    query = "subscription { reviewAdded { author { name } } }"
    settings = Settings(limits=Limits(subgraph_seconds_max=1.0))
    async with serving(settings, graph) as http, listening(http, query) as events:
        await graph.reviews.until_listeners(1)
        graph.users.fault = lambda _request: asyncio.Event().wait()
        graph.reviews.announce(a_review(1))
        assert codes_of((await events.next())[1]) == ["SUBREQUEST_TIMEOUT"]
        graph.users.fault = None
        graph.reviews.announce(a_review(2))
        assert (await events.next())[1] == {"data": {"reviewAdded": {"author": {"name": "Ada"}}}}


async def test_an_event_that_is_no_response_is_an_error_of_that_event(graph):
    async def nonsense(_request):
        yield "nonsense"
        yield {"data": {"reviewAdded": None}}

    clients = {"reviews": InProcessSubgraphClient("reviews", graph.reviews, nonsense)}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with served(app) as there, there.client() as http, listening(http) as events:
        (_, first), second, end = await events.rest()
    assert (first["data"], codes_of(first)) == ({"reviewAdded": None}, ["SUBREQUEST_INVALID_RESPONSE"])
    assert (second, end) == (("next", {"data": {"reviewAdded": None}}), ("complete", None))


async def test_a_subgraph_that_dies_in_the_middle(http, graph):
    async with listening(http) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), RuntimeError("out of memory at 0x1"))
        first, (_, last), complete = await events.rest()
    assert (first, complete) == (("next", added()), ("complete", None))
    assert last == {
        "errors": [
            {
                "message": "The subgraph 'reviews' could not answer.",
                "extensions": {"code": "SUBREQUEST_FAILED", "service": "reviews"},
            }
        ]
    }


async def test_a_subgraph_that_is_down_at_the_start():
    app = create_app(Settings(subgraph_urls={"reviews": "http://127.0.0.1:1/graphql"}), supergraph_text=SUPERGRAPH)
    async with served(app) as there, there.client() as http, listening(http) as events:
        (_, last), complete = await events.rest()
    assert (codes_of(last), complete) == (["SUBREQUEST_FAILED"], ("complete", None))


async def test_a_client_that_goes_takes_its_stream_along(graph):
    with structlog.testing.capture_logs() as logs:
        async with serving(graph=graph) as http, listening(http) as events:
            await graph.reviews.until_listeners(1)
            graph.reviews.announce(a_review())
            await events.next()
            events.response.close()
            await graph.reviews.until_listeners(0)
    (ended,) = [entry for entry in logs if entry["event"] == "subscription ended"]
    assert (ended["operation"], ended["reason"], ended["events"]) == ("Added", "client gone", 1)


async def test_a_quiet_stream_gives_signs_of_life(graph):
    async with serving(Settings(limits=Limits(keep_alive_seconds=0.01)), graph) as http, listening(http) as events:
        assert [await events.next_line() for _ in range(6)] == [b":", b""] * 3


async def test_logs_and_figures(graph):
    with structlog.testing.capture_logs() as logs:
        async with serving(graph=graph) as http:
            async with listening(http) as events:
                await graph.reviews.until_listeners(1)
                assert "router_subscriptions 1.0\n" in http.router.metrics.text().decode()
                graph.reviews.announce(a_review(1), a_review(2), END)
                await events.rest()
            figures = http.router.metrics.text().decode()
    assert "router_subscriptions 0.0\n" in figures
    assert "router_requests_in_flight 0.0\n" in figures
    assert "router_subscription_events_total 2.0\n" in figures
    assert 'router_subscriptions_ended_total{reason="complete"} 1.0\n' in figures
    told = [entry for entry in logs if entry["event"].startswith("subscription")]
    assert [entry["event"] for entry in told] == ["subscription begins", "subscription ended"]
    assert (told[1]["operation"], told[1]["reason"], told[1]["events"]) == ("Added", "complete", 2)


async def test_too_many_subscriptions(graph):
    async with serving(Settings(limits=Limits(subscriptions_max=1)), graph) as http, listening(http):
        await graph.reviews.until_listeners(1)
        async with listening(http) as events:
            assert events.response.status == 503
            assert events.response.headers["retry-after"] == "1"
            assert code_of(orjson.loads(await events.response.read())) == "TOO_MANY_SUBSCRIPTIONS"


async def test_open_subscriptions_are_no_requests_in_flight(graph):
    async with serving(Settings(limits=Limits(in_flight_max=1)), graph) as http, listening(http):
        await graph.reviews.until_listeners(1)
        assert (await post(http, {"query": "{ me { id } }"}))[0] == 200


async def test_a_client_that_takes_nothing_is_let_go(graph):
    settings = Settings(limits=Limits(subscription_send_seconds_max=0.2))
    with structlog.testing.capture_logs() as logs:
        async with serving(settings, graph) as http, listening(http, "subscription { reviewAdded { body } }") as events:
            await graph.reviews.until_listeners(1)
            events.response.connection.transport.pause_reading()
            graph.reviews.announce(*({**a_review(), "body": "x" * 1_000_000} for _ in range(40)))
            await graph.reviews.until_listeners(0)
            events.response.close()
    (ended,) = [entry for entry in logs if entry["event"] == "subscription ended"]
    assert ended["reason"] == "client too slow"
    assert ended["events"] < 40


async def test_a_subscription_may_not_last_for_ever(graph):
    async with (
        serving(Settings(limits=Limits(subscription_seconds_max=0.05)), graph) as http,
        listening(http) as events,
    ):
        (_, last), complete = await events.rest()
    assert (codes_of(last), complete) == (["SUBSCRIPTION_TOO_LONG"], ("complete", None))
    await graph.reviews.until_listeners(0)


# ── tokens ──

WITH_TOKENS = Settings(issuer=ISSUER, audience=AUDIENCE, clock_skew_seconds=0)


async def test_a_subscription_ends_with_its_token(graph):
    bearer = f"Bearer {token(exp=int(time.time()) + 4)}"
    asking = serving(WITH_TOKENS, graph, key_source=publish)
    async with asking as http, listening(http, authorization=bearer) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review())
        first, (_, last), complete = await events.rest()
    assert (first, codes_of(last), complete) == (("next", added()), ["TOKEN_EXPIRED"], ("complete", None))
    assert [request.headers["authorization"] for request in graph.users.requests] == [bearer]


async def test_a_subscription_whose_token_the_subgraph_refuses_ends_with_what_it_said(graph):
    asking = serving(WITH_TOKENS, graph, key_source=publish)
    async with asking as http, listening(http, authorization=f"Bearer {token()}") as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.last_words = TOKEN_REFUSED
        graph.reviews.announce(END)
        (_, last), complete = await events.rest()
    (error,) = last["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("The session has ended.", "UNAUTHENTICATED")
    assert complete == ("complete", None)


async def test_a_bad_token_is_told_by_the_status(graph):
    bearer = f"Bearer {token(exp=int(time.time()) - 1)}"
    asking = serving(WITH_TOKENS, graph, key_source=publish)
    async with asking as http, listening(http, authorization=bearer) as events:
        assert events.response.status == 401
        assert code_of(orjson.loads(await events.response.read())) == "UNAUTHENTICATED"
    assert graph.reviews.requests == []


async def test_one_person_cannot_take_all(graph):
    settings = WITH_TOKENS.model_copy(update={"limits": Limits(subscriptions_per_person_max=1)})
    first, second = (f"Bearer {token(sub=person)}" for person in ("u1", "u2"))
    asking = serving(settings, graph, key_source=publish)
    async with asking as http, listening(http, authorization=first):
        await graph.reviews.until_listeners(1)
        async with listening(http, authorization=first) as events:
            assert events.response.status == 503
        async with listening(http, authorization=second) as events:
            assert events.response.status == 200


# ── the end ──


async def test_stopping_ends_streams_in_order_and_takes_no_more(graph):
    clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in graph.subgraphs}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with served(app) as there, there.client() as http, listening(http) as events:
        await graph.reviews.until_listeners(1)
        stopping = asyncio.create_task(there.stop())
        (_, last), complete = await events.rest()
        assert (codes_of(last), complete) == (["SERVER_STOPPING"], ("complete", None))
        await stopping
    await graph.reviews.until_listeners(0)
