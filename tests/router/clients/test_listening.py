"""Listening to a subgraph: the same promises in process and over HTTP; then what only HTTP can do wrong."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import orjson
import pytest
from graphql import GraphQLError

from tests.router.clients.wire import answer, wire
from tests.router.small_graph import (
    END,
    begin_events,
    http_app,
    linked,
    make_reviews,
    raw_answer,
    send_event,
    served,
    until_gone,
)
from trevo.clients.http_client import HttpSubgraphClient
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphRequest
from trevo.config.limits import Limits

ADDED = "subscription ($of: ID) { reviewAdded(of: $of) { body } }"
GOOD = linked({"id": "r9", "body": "good", "author": "u1", "product": "p1"})
GOOD_EVENT = {"data": {"reviewAdded": {"body": "good"}}}


@asynccontextmanager
async def http_client(subgraph, answer=None, limits=None):
    async with served(http_app(subgraph, answer)) as there:
        client = HttpSubgraphClient(subgraph.name, f"{there.origin}/graphql", limits or Limits())
        try:
            yield client
        finally:
            await client.close()


@asynccontextmanager
async def in_process_client(subgraph):
    yield InProcessSubgraphClient(subgraph.name, subgraph, subgraph.listen)


@pytest.fixture(params=[in_process_client, http_client], ids=["in process", "over HTTP"])
def client_of(request):
    return request.param


async def test_events_come_as_they_happen_until_the_end(client_of):
    reviews = make_reviews()
    async with client_of(reviews) as client, aclosing(client.subscribe(SubgraphRequest(ADDED))) as events:
        first = asyncio.create_task(anext(events))
        await reviews.until_listeners(1)
        reviews.announce(GOOD)
        assert (await first).body == GOOD_EVENT
        reviews.announce(None, GOOD, END)
        assert [event.body async for event in events] == [{"data": {"reviewAdded": None}}, GOOD_EVENT]
    await reviews.until_listeners(0)


async def test_a_request_carries_document_variables_and_headers(client_of):
    reviews = make_reviews()
    request = SubgraphRequest(ADDED, {"of": "p1"}, {"authorization": "Bearer t"}, Deadline.after(60))
    async with client_of(reviews) as client, aclosing(client.subscribe(request)) as events:
        waiting = asyncio.create_task(anext(events, None))
        await reviews.until_listeners(1)
        reviews.announce(END)
        assert await waiting is None
    (received,) = reviews.requests
    assert (received.document, received.variables) == (ADDED, {"of": "p1"})
    assert received.headers["authorization"] == "Bearer t"


async def test_who_stops_listening_is_gone_at_once(client_of):
    reviews = make_reviews()
    async with client_of(reviews) as client:
        events = client.subscribe(SubgraphRequest(ADDED))
        first = asyncio.create_task(anext(events))
        await reviews.until_listeners(1)
        reviews.announce(GOOD)
        await first
        await events.aclose()
        await reviews.until_listeners(0)


async def test_who_is_cancelled_while_it_waits_is_gone_at_once(client_of):
    reviews = make_reviews()
    async with client_of(reviews) as client:

        async def listen():
            async with aclosing(client.subscribe(SubgraphRequest(ADDED))) as events:
                await anext(events)

        listening = asyncio.create_task(listen())
        await reviews.until_listeners(1)
        listening.cancel()
        await reviews.until_listeners(0)


async def test_a_refused_subscription_is_one_event_with_errors(client_of):
    async with client_of(make_reviews()) as client:
        request = SubgraphRequest("subscription { nothing }")
        (event,) = [event async for event in client.subscribe(request)]
    assert "errors" in event.body


async def test_errors_of_an_event_are_in_it(client_of):
    reviews = make_reviews()

    def body(_info):
        raise GraphQLError("illegible")

    async with client_of(reviews) as client, aclosing(client.subscribe(SubgraphRequest(ADDED))) as events:
        first = asyncio.create_task(anext(events))
        await reviews.until_listeners(1)
        reviews.announce({**GOOD, "body": body})
        (error,) = (await first).body["errors"]
        assert (error["message"], error["path"]) == ("illegible", ["reviewAdded", "body"])


async def test_a_subgraph_that_breaks_off(client_of):
    reviews = make_reviews()
    async with client_of(reviews) as client, aclosing(client.subscribe(SubgraphRequest(ADDED))) as events:
        first = asyncio.create_task(anext(events))
        await reviews.until_listeners(1)
        reviews.announce(RuntimeError("out of memory at 0x1"))
        with pytest.raises(SubgraphFailed) as caught:
            await first
    assert caught.value.code == "SUBREQUEST_FAILED"
    assert "0x1" not in caught.value.message


async def test_a_callable_without_a_stream_has_no_subscriptions():
    reviews = make_reviews()
    client = InProcessSubgraphClient("reviews", reviews)
    with pytest.raises(SubgraphFailed, match="The subgraph 'reviews' has no subscriptions"):
        await anext(client.subscribe(SubgraphRequest(ADDED)))


# ── what only HTTP can do wrong ──


async def failure_of(answer, limits=None, request=None):
    """How the stream that *answer* sends fails, and the events before that."""
    events = []
    async with http_client(make_reviews(), answer, limits) as client:
        stream = client.subscribe(request or SubgraphRequest(ADDED))
        with pytest.raises(SubgraphFailed) as caught:
            await _take_all(stream, events)
    return caught.value, events


async def _take_all(stream, events):
    async for event in stream:
        events.append(event.body)  # it is the part before the failure that is wanted


async def test_a_subgraph_that_is_down():
    client = HttpSubgraphClient("reviews", "http://127.0.0.1:1/graphql", Limits())
    with pytest.raises(SubgraphFailed) as caught:
        await anext(client.subscribe(SubgraphRequest(ADDED)))
    assert caught.value.message == "The subgraph 'reviews' could not be reached."
    await client.close()


async def test_a_subgraph_that_does_not_answer():
    async def answer(_scope, receive, _send):
        await until_gone(receive)

    request = SubgraphRequest(ADDED, deadline=Deadline.after(0.05))
    failure, _ = await failure_of(answer, request=request)
    assert (failure.code, failure.message) == (
        "SUBREQUEST_TIMEOUT",
        "The subgraph 'reviews' did not answer in time.",
    )


async def test_a_stream_that_falls_silent():
    async def answer(_scope, receive, send):
        await begin_events(send)
        await send_event(send, GOOD_EVENT)
        await until_gone(receive)

    failure, events = await failure_of(answer, Limits(subgraph_silence_seconds_max=1.0))
    assert events == [GOOD_EVENT]
    assert (failure.code, failure.message) == ("SUBREQUEST_TIMEOUT", "The subgraph 'reviews' fell silent.")


async def test_keep_alives_are_signs_of_life():
    """Longer than the silence that would be too long, but never silent for that long."""

    async def answer(_scope, _receive, send):
        await begin_events(send)
        for _ in range(32):
            await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
            await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})

    async with http_client(make_reviews(), answer, Limits(subgraph_silence_seconds_max=1.5)) as client:
        assert [event async for event in client.subscribe(SubgraphRequest(ADDED))] == []


async def test_a_stream_without_its_end_has_broken_off():
    async def answer(_scope, _receive, send):
        await begin_events(send)
        await send_event(send, GOOD_EVENT)
        await send({"type": "http.response.body", "body": b""})

    failure, events = await failure_of(answer)
    assert events == [GOOD_EVENT]
    assert (failure.code, failure.message) == ("SUBREQUEST_FAILED", "The subgraph 'reviews' broke off.")


async def test_a_cut_connection():
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nda")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    client = HttpSubgraphClient("reviews", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", Limits())
    with pytest.raises(SubgraphFailed, match="broke off"):
        await anext(client.subscribe(SubgraphRequest(ADDED)))
    await client.close()
    server.close()


async def test_an_event_larger_than_the_bound():
    async def answer(_scope, _receive, send):
        await begin_events(send)
        await send_event(send, {"data": {"reviewAdded": {"body": "x" * 10_000}}})

    failure, events = await failure_of(answer, Limits(subgraph_response_bytes_max=5_000))
    assert (failure.code, events) == ("SUBREQUEST_TOO_LARGE", [])
    assert failure.message == "The subgraph 'reviews' sent an event larger than 5000 bytes."


async def test_an_event_that_is_not_json():
    async def answer(_scope, _receive, send):
        await begin_events(send)
        await send({"type": "http.response.body", "body": b"event: next\ndata: <html>\n\n", "more_body": True})

    failure, _ = await failure_of(answer)
    assert failure.code == "SUBREQUEST_INVALID_RESPONSE"


@pytest.mark.parametrize(
    ("status", "content_type"), [(502, b"text/html"), (404, b"text/event-stream"), (307, b"text/plain")]
)
async def test_a_status_that_is_no_stream(status, content_type):
    async def answer(_scope, _receive, send):
        await raw_answer(send, status, b"oops", content_type, (b"location", b"http://127.0.0.1:1/elsewhere"))

    failure, _ = await failure_of(answer)
    assert (failure.code, failure.detail) == ("SUBREQUEST_FAILED", f"HTTP status {status}")


async def test_a_refusal_in_graphqls_own_media_type_is_an_event():
    refusal = {"errors": [{"message": "Sign in first."}]}

    async def answer(_scope, _receive, send):
        await raw_answer(send, 401, orjson.dumps(refusal), b"application/graphql-response+json")

    async with http_client(make_reviews(), answer) as client:
        assert [event.body async for event in client.subscribe(SubgraphRequest(ADDED))] == [refusal]


async def test_an_answer_instead_of_a_stream_that_breaks_off_is_a_failure():
    async with wire([answer(b'{"errors":[]}')[:-3], None]) as there:
        client = HttpSubgraphClient("reviews", there.url, Limits())
        with pytest.raises(SubgraphFailed) as caught:
            await anext(client.subscribe(SubgraphRequest(ADDED)))
        assert (caught.value.message, caught.value.is_outage) == ("The subgraph 'reviews' broke off.", True)
        await client.close()


async def test_an_answer_instead_of_a_stream_has_the_bound_of_an_answer():
    async with wire(answer(b" " * 10_001)) as there:
        client = HttpSubgraphClient("reviews", there.url, Limits(subgraph_response_bytes_max=10_000))
        with pytest.raises(SubgraphFailed, match="gave an answer larger than 10000 bytes"):
            await anext(client.subscribe(SubgraphRequest(ADDED)))
        await client.close()


async def test_listeners_leave_connections_to_queries():
    reviews = make_reviews()
    async with http_client(reviews, limits=Limits(subgraph_connections_max=1)) as client:
        streams = [client.subscribe(SubgraphRequest(ADDED)) for _ in range(3)]
        waiting = [asyncio.create_task(anext(stream)) for stream in streams]
        await reviews.until_listeners(3)
        answer = await client.send(SubgraphRequest('{ review(id: "r1") { body } }'))
        assert answer.body == {"data": {"review": {"body": "good"}}}
        reviews.announce(GOOD)
        for event in await asyncio.gather(*waiting):
            assert event.body == GOOD_EVENT
        for stream in streams:
            await stream.aclose()
