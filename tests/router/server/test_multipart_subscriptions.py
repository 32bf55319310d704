"""Subscriptions as `multipart/mixed;subscriptionSpec=1.0`, over real HTTP: every byte, and how each of them ends."""

import asyncio
import time
import zlib

import aiohttp
import orjson
import pytest
import structlog

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import GRAPHQL, JSON, code_of, post, serving
from tests.router.server.streams import ADDED, STREAM, TOKEN_REFUSED, a_review, added, listening
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import END, SUPERGRAPH, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.compression import Compression
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.main import create_app

PARTS = "multipart/mixed;subscriptionSpec=1.0"
HEAD = b"\r\ncontent-type: application/json\r\n\r\n"
WITH_TOKENS = Settings(issuer=ISSUER, audience=AUDIENCE, clock_skew_seconds=0)


@pytest.fixture
async def http(graph):
    async with serving(graph=graph) as session:
        yield session


def part(text):
    """A part as it is written, with the line that ends it."""
    return HEAD + text + b"\r\n--graphql"


OPENING = b"--graphql" + part(b"{}")


def subscribed(http, query=ADDED, *, accept=PARTS, **headers):
    return listening(http, query, accept=accept, **headers)


async def read(events, bytes_):
    """The next *bytes_* of the response: they are there without anything that comes after them."""
    return await events.response.content.readexactly(bytes_)


async def rest(events):
    """What the parts say until the response ends; signs of life are passed over."""
    text = await events.response.content.read()
    *parts, end = text.split(b"\r\n--graphql")
    assert end == b"--\r\n"
    bodies = [each.removeprefix(HEAD) for each in parts if each.startswith(HEAD)]
    return [body for body in map(orjson.loads, bodies) if body]


async def ended(events):
    """The code of the only thing that is still told: why it is over."""
    (last,) = await rest(events)
    assert last.keys() == {"payload", "errors"}
    assert last["payload"] is None
    return code_of(last)


async def test_each_event_is_a_part_that_can_be_read_when_it_comes(http, graph):
    async with subscribed(http) as events:
        assert events.response.status == 200
        assert events.response.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        assert events.response.headers["cache-control"] == "private, no-store"
        assert events.response.headers["x-accel-buffering"] == "no"
        assert await read(events, len(OPENING)) == OPENING
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        first = part(b'{"payload":{"data":{"reviewAdded":{"body":"words 1","author":{"name":"Ada"}}}}}')
        assert await read(events, len(first)) == first
        graph.reviews.announce(a_review(2, "u2"), END)
        second = part(b'{"payload":{"data":{"reviewAdded":{"body":"words 2","author":{"name":"Bob"}}}}}')
        assert await events.response.content.read() == second + b"--\r\n"


@pytest.mark.parametrize(
    "accept",
    [
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json",
        'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0, application/graphql-response+json, */*;q=0.1',
        'multipart/mixed;subscriptionSpec="1.0", application/json',
        f"{PARTS}, {STREAM}",
        f"{STREAM};q=0.5, {PARTS}",
        f"multipart/mixed, {PARTS}",
    ],
)
async def test_who_asks_for_parts_gets_them(http, graph, accept):
    async with subscribed(http, accept=accept) as events:
        assert events.response.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), END)
        assert await rest(events) == [{"payload": added()}]


@pytest.mark.parametrize("accept", [f"{STREAM}, {PARTS}", f"{PARTS};q=0.5, {STREAM}"])
async def test_who_likes_events_better_gets_events(http, accept):
    async with subscribed(http, accept=accept) as events:
        assert events.response.content_type == STREAM


@pytest.mark.parametrize(
    "accept", ["multipart/mixed", "multipart/mixed;subscriptionSpec=2.0, */*", f"{PARTS};q=0, application/json"]
)
async def test_who_does_not_name_the_form_is_told_what_to_do(http, accept):
    async with subscribed(http, accept=accept) as events:
        assert events.response.status == 406
        (error,) = orjson.loads(await events.response.read())["errors"]
    assert error["extensions"]["code"] == "SUBSCRIPTION_NEEDS_STREAM"
    assert "'accept: multipart/mixed;subscriptionSpec=1.0'" in error["message"]


@pytest.mark.parametrize("single", [JSON, GRAPHQL])
async def test_what_is_no_subscription_comes_whole_to_who_takes_that(http, single):
    status, headers, body = await post(http, {"query": "{ me { id } }"}, accept=f"{PARTS}, {single}")
    assert (status, headers["content-type"]) == (200, f"{single}; charset=utf-8")
    assert body == {"data": {"me": {"id": "u1"}}}
    _, headers, body = await post(http, {"query": "subscription { nothing }"}, accept=f"{PARTS}, {single}")
    assert (headers["content-type"], code_of(body)) == (f"{single}; charset=utf-8", "GRAPHQL_VALIDATION_FAILED")


async def test_who_takes_parts_alone_gets_one(http):
    async with subscribed(http, "{ me { id } }") as events:
        assert await events.response.read() == OPENING + part(b'{"payload":{"data":{"me":{"id":"u1"}}}}') + b"--\r\n"
    async with subscribed(http, "subscription { nothing }") as events:
        ((refused,),) = [each.values() for each in await rest(events)]
    assert (refused.keys(), code_of(refused)) == ({"errors"}, "GRAPHQL_VALIDATION_FAILED")


async def test_errors_of_an_event_are_in_its_payload_and_the_stream_goes_on(http, graph):
    async with subscribed(http) as events:
        await graph.reviews.until_listeners(1)
        graph.users.fault = lambda _request: 1 / 0
        graph.reviews.announce(a_review(1))
        await read(events, len(OPENING))
        failed = await events.response.content.readuntil(b"\r\n--graphql")
        payload = orjson.loads(failed.removeprefix(HEAD).removesuffix(b"\r\n--graphql"))["payload"]
        assert (payload["data"], code_of(payload)) == ({"reviewAdded": None}, "SUBREQUEST_FAILED")
        graph.users.fault = None
        graph.reviews.announce(a_review(2), END)
        assert await rest(events) == [{"payload": added(2)}]


async def test_a_quiet_stream_gives_signs_of_life(graph):
    async with serving(Settings(limits=Limits(keep_alive_seconds=0.01)), graph) as http, subscribed(http) as events:
        expected = OPENING + part(b"{}") * 3
        assert await read(events, len(expected)) == expected


async def test_a_subgraph_that_dies_in_the_middle(http, graph):
    async with subscribed(http) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), RuntimeError("out of memory at 0x1"))
        first, last = await rest(events)
    assert first == {"payload": added()}
    assert last == {
        "payload": None,
        "errors": [
            {
                "message": "The subgraph 'reviews' could not answer.",
                "extensions": {"code": "SUBREQUEST_FAILED", "service": "reviews"},
            }
        ],
    }


async def test_a_subscription_ends_with_its_token(graph):
    bearer = f"Bearer {token(exp=int(time.time()) + 4)}"
    asking = serving(WITH_TOKENS, graph, key_source=publish)
    async with asking as http, subscribed(http, authorization=bearer) as events:
        assert await ended(events) == "TOKEN_EXPIRED"
    assert [request.headers["authorization"] for request in graph.reviews.requests] == [bearer]


async def test_a_subscription_whose_token_the_subgraph_refuses(graph):
    asking = serving(WITH_TOKENS, graph, key_source=publish)
    async with asking as http, subscribed(http, authorization=f"Bearer {token()}") as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.last_words = TOKEN_REFUSED
        graph.reviews.announce(END)
        assert await ended(events) == "UNAUTHENTICATED"


async def test_a_bad_token_is_told_by_the_status(graph):
    asking = serving(WITH_TOKENS, graph, key_source=publish)
    async with asking as http, subscribed(http, authorization="Bearer nonsense") as events:
        assert (events.response.status, code_of(orjson.loads(await events.response.read()))) == (401, "UNAUTHENTICATED")
    assert graph.reviews.requests == []


async def test_too_many_of_one_person_and_of_all(graph):
    limits = Limits(subscriptions_per_person_max=1, subscriptions_max=2)
    settings = WITH_TOKENS.model_copy(update={"limits": limits})
    one, other, third = (f"Bearer {token(sub=person)}" for person in ("u1", "u2", "u3"))
    asking = serving(settings, graph, key_source=publish)
    async with asking as http, subscribed(http, authorization=one):
        await graph.reviews.until_listeners(1)
        async with subscribed(http, authorization=one) as events:
            assert events.response.status == 503
        # As events and as parts, they are counted together.
        async with listening(http, authorization=one) as events:
            assert events.response.status == 503
        async with subscribed(http, authorization=other):
            await graph.reviews.until_listeners(2)
            async with subscribed(http, authorization=third) as events:
                assert events.response.status == 503
                assert code_of(orjson.loads(await events.response.read())) == "TOO_MANY_SUBSCRIPTIONS"


async def test_open_ones_are_no_requests_in_flight(graph):
    async with serving(Settings(limits=Limits(in_flight_max=1)), graph) as http, subscribed(http):
        await graph.reviews.until_listeners(1)
        assert (await post(http, {"query": "{ me { id } }"}))[0] == 200


async def test_it_may_not_last_for_ever(graph):
    settings = Settings(limits=Limits(subscription_seconds_max=0.05))
    async with serving(settings, graph) as http, subscribed(http) as events:
        assert await ended(events) == "SUBSCRIPTION_TOO_LONG"
    await graph.reviews.until_listeners(0)


async def test_a_client_that_takes_nothing_is_let_go(graph):
    settings = Settings(limits=Limits(subscription_send_seconds_max=0.2))
    query = "subscription { reviewAdded { body } }"
    with structlog.testing.capture_logs() as logs:
        async with serving(settings, graph) as http, subscribed(http, query) as events:
            await graph.reviews.until_listeners(1)
            events.response.connection.transport.pause_reading()
            graph.reviews.announce(*({**a_review(), "body": "x" * 1_000_000} for _ in range(40)))
            await graph.reviews.until_listeners(0)
            events.response.close()
    (told,) = [entry for entry in logs if entry["event"] == "subscription ended"]
    assert told["reason"] == "client too slow"
    assert told["events"] < 40


async def test_a_client_that_goes_takes_its_stream_along(graph):
    with structlog.testing.capture_logs() as logs:
        async with serving(graph=graph) as http, subscribed(http) as events:
            await read(events, len(OPENING))
            await graph.reviews.until_listeners(1)
            events.response.close()
            await graph.reviews.until_listeners(0)
    assert [entry["reason"] for entry in logs if entry["event"] == "subscription ended"] == ["client gone"]


async def test_stopping_ends_it_in_order(graph):
    clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in graph.subgraphs}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with served(app) as there, there.client() as http, subscribed(http) as events:
        await graph.reviews.until_listeners(1)
        stopping = asyncio.create_task(there.stop())
        assert await ended(events) == "SERVER_STOPPING"
        await stopping
    await graph.reviews.until_listeners(0)


async def test_it_goes_packed_where_event_streams_do(graph):
    settings = Settings(rates=Rates(enabled=False), compression=Compression(events=True))
    async with serving(settings, graph) as http, subscribed(http, **{"accept-encoding": "gzip"}) as events:
        assert events.response.headers["content-encoding"] == "gzip"
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(END)
        packed = await events.response.read()
    unpacking = zlib.decompressobj(wbits=31)
    assert (unpacking.decompress(packed), unpacking.eof) == (OPENING + b"--\r\n", True)


async def test_a_reader_of_multipart_that_knows_nothing_of_it_reads_it(http, graph):
    async with subscribed(http) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), END)
        reader = aiohttp.MultipartReader.from_response(events.response)
        found = []
        while (each := await reader.next()) is not None:
            assert each.headers["content-type"] == JSON
            found.append(await each.json())
    assert found == [{}, {"payload": added()}]
