"""graphql-transport-ws, spoken by a real client to a real server."""

import asyncio

import aiohttp
import pytest
import structlog

from tests.router.server.http_client import serving
from tests.router.server.streams import ADDED, a_review, added, socket_of
from tests.router.small_graph import END, SUPERGRAPH, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.main import create_app


@pytest.fixture
async def http(graph):
    async with serving(graph=graph) as session:
        yield session


def next_of(id_, body):
    return {"id": id_, "type": "next", "payload": body}


def complete(id_):
    return {"id": id_, "type": "complete"}


async def error_code(socket, id_):
    message = await socket.receive()
    assert (message["id"], message["type"]) == (id_, "error")
    return message["payload"][0]["extensions"]["code"]


async def test_events_come_under_the_id_of_their_subscription(http, graph):
    async with socket_of(http) as socket:
        assert socket.socket.protocol == "graphql-transport-ws"
        await socket.begin()
        await socket.subscribe("a", of="p1")
        await graph.reviews.until_listeners(1)
        await socket.subscribe("b", "subscription { reviewAdded { id } }")
        await graph.reviews.until_listeners(2)
        graph.reviews.announce(a_review(), END)
        received = [await socket.receive() for _ in range(4)]
    of_a = [message for message in received if message["id"] == "a"]
    assert of_a == [next_of("a", added()), complete("a")]
    of_b = [message for message in received if message["id"] == "b"]
    assert of_b == [next_of("b", {"data": {"reviewAdded": {"id": "new1"}}}), complete("b")]
    assert graph.reviews.requests[0].variables == {"of": "p1"}


async def test_queries_and_mutations_go_the_same_way(http):
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("q", "{ me { name } }")
        assert [await socket.receive(), await socket.receive()] == [
            next_of("q", {"data": {"me": {"name": "Ada"}}}), complete("q"),
        ]  # fmt: skip
        await socket.subscribe("q", 'mutation { rename(id: "u1", name: "Eva") { name } }')
        assert [await socket.receive(), await socket.receive()] == [
            next_of("q", {"data": {"rename": {"name": "Eva"}}}), complete("q"),
        ]  # fmt: skip


async def test_what_is_refused_is_an_error_and_the_connection_goes_on(http):
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1", "subscription { nothing }")
        assert await error_code(socket, "1") == "GRAPHQL_VALIDATION_FAILED"
        await socket.subscribe("1", "{ me { id } }")
        assert await socket.receive() == next_of("1", {"data": {"me": {"id": "u1"}}})


async def test_a_client_completes_and_may_use_the_id_again(http, graph):
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        await socket.send("complete", "1")
        await graph.reviews.until_listeners(0)
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), END)
        assert [await socket.receive(), await socket.receive()] == [next_of("1", added()), complete("1")]
        await socket.send("complete", "never heard of")
        await socket.send("ping")
        assert await socket.receive() == {"type": "pong"}


async def test_ping_and_pong_at_any_time(http):
    async with socket_of(http) as socket:
        for _ in range(2):
            await socket.send("pong")
            await socket.send("ping", payload={"any": "thing"})
            assert await socket.receive() == {"type": "pong"}
            if _ == 0:
                await socket.begin()


async def test_a_client_that_goes_takes_its_streams_along(graph):
    with structlog.testing.capture_logs() as logs:
        async with serving(graph=graph) as http, socket_of(http) as socket:
            await socket.begin()
            await socket.subscribe("1")
            await socket.subscribe("2")
            await graph.reviews.until_listeners(2)
            await socket.socket.close()
            await graph.reviews.until_listeners(0)
    assert "router_subscriptions 0.0\n" in http.router.metrics.text().decode()
    ends = [entry["reason"] for entry in logs if entry["event"] == "subscription ended"]
    assert ends == ["client gone", "client gone"]


async def test_a_mutation_runs_to_its_end_when_its_client_goes(http, graph):
    arrived, release, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(request):
        arrived.set()
        await release.wait()
        result = await graph.users.run(request)
        done.set()
        return result.formatted

    graph.users.fault = slow
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1", 'mutation { rename(id: "u1", name: "Eva") { name } }')
        await arrived.wait()
    release.set()
    await asyncio.wait_for(done.wait(), 10)
    graph.users.fault = None


async def test_a_subgraph_that_dies_in_the_middle(http, graph):
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(), RuntimeError("out of memory"))
        assert await socket.receive() == next_of("1", added())
        assert await error_code(socket, "1") == "SUBREQUEST_FAILED"


# ── the protocol broken ──


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", 4400),
        ("[]", 4400),
        ('{"type": 1}', 4400),
        ('{"type": "connection_init", "payload": []}', 4400),
        ('{"type": "connection_init", "payload": {"Authorization": 1}}', 4400),
        ('{"type": "complete", "id": "1"}', 4400),
        ('{"type": "start", "id": "1"}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ me { id } }"}}', 4401),
    ],
)
async def test_what_is_no_beginning_closes_the_connection(http, text, code):
    async with socket_of(http) as socket:
        await socket.send_text(text)
        closed, reason = await socket.receive()
    assert (closed, bool(reason)) == (code, True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4400),
        ('{"type": "start", "id": "1"}', 4400),
        ('{"type": "subscribe", "payload": {"query": "{ me { id } }"}}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{ me { id } }"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": "{ me { id } }"}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ me { id } }", "variables": []}}', 4400),
        ('{"type": "complete"}', 4400),
        ('{"type": "connection_init"}', 4429),
    ],
)
async def test_what_is_no_message_closes_the_connection(http, text, code):
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.send_text(text)
        assert (await socket.receive())[0] == code


async def test_bytes_are_no_message(http):
    async with socket_of(http) as socket:
        await socket.socket.send_bytes(b'{"type": "connection_init"}')
        assert (await socket.receive())[0] == 4400


async def test_an_id_in_use(http, graph):
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        await socket.subscribe("1")
        assert await socket.receive() == (4409, "Subscriber for 1 already exists")
    await graph.reviews.until_listeners(0)


async def test_no_beginning_in_time(graph):
    async with serving(Settings(limits=Limits(socket_init_seconds_max=0.05)), graph) as http, socket_of(http) as socket:
        await socket.send("ping")
        assert await socket.receive() == {"type": "pong"}
        assert (await socket.receive())[0] == 4408


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("graphql-ws", "else")])
async def test_another_subprotocol(http, protocols):
    async with socket_of(http, protocols=protocols) as socket:
        assert (await socket.receive())[0] == 4406


async def test_a_message_too_large(graph):
    async with serving(Settings(limits=Limits(body_bytes_max=1_000)), graph) as http, socket_of(http) as socket:
        await socket.begin()
        await socket.send_text('{"type": "ping", "payload": {"x": "' + "x" * 1_000 + '"}}')
        assert (await socket.receive())[0] == 1009


async def test_too_many_anonymous_sockets(graph):
    async with serving(Settings(limits=Limits(sockets_anonymous_max=1)), graph) as http, socket_of(http) as first:
        await first.begin()
        async with socket_of(http) as second:
            await second.send("connection_init")
            assert (await second.receive())[0] == 1013


async def test_too_many_operations_on_one(graph):
    async with serving(Settings(limits=Limits(socket_operations_max=1)), graph) as http, socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        await socket.subscribe("2")
        assert await error_code(socket, "2") == "TOO_MANY_OPERATIONS"
        await socket.send("complete", "1")
        await graph.reviews.until_listeners(0)
        await socket.subscribe("2", "{ me { id } }")
        assert (await socket.receive())["type"] == "next"


async def test_too_many_subscriptions(graph):
    async with serving(Settings(limits=Limits(subscriptions_max=1)), graph) as http, socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        await socket.subscribe("2")
        assert await error_code(socket, "2") == "TOO_MANY_SUBSCRIPTIONS"


async def test_other_paths_have_no_socket(http):
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await http.ws_connect("/health")
    assert caught.value.status == 403


# ── who may open one ──


@pytest.mark.parametrize(
    ("allowed", "origin", "status"),
    [
        ((), "https://elsewhere.example", 403),
        (("https://app.example",), "https://elsewhere.example", 403),
        (("https://app.example",), "https://app.example", 101),
        (("*",), "https://elsewhere.example", 101),
        ((), "null", 403),
    ],
)
async def test_pages_of_other_origins_need_to_be_allowed(graph, allowed, origin, status):
    async with serving(Settings(cors_origins=allowed), graph) as http:
        if status == 101:
            async with socket_of(http, origin=origin) as socket:
                await socket.begin()
            return
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect("/graphql", protocols=("graphql-transport-ws",), headers={"origin": origin})
        assert caught.value.status == status


async def test_pages_of_this_host_may(http):
    async with socket_of(http, origin=str(http._base_url.origin())) as socket:
        await socket.begin()


# ── the end ──


async def test_stopping_closes_sockets(graph):
    clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in graph.subgraphs}
    app = create_app(Settings(), supergraph_text=SUPERGRAPH, clients=clients)
    async with served(app) as there, there.client() as http, socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1", ADDED)
        await graph.reviews.until_listeners(1)
        stopping = asyncio.create_task(there.stop())
        assert (await socket.receive())[0] == 1012
        await stopping
    await graph.reviews.until_listeners(0)


async def test_a_router_that_stops_closes_sockets_by_itself(http, graph):
    """As an application mounted elsewhere does."""
    async with socket_of(http) as socket:
        await socket.begin()
        await socket.subscribe("1", ADDED)
        await graph.reviews.until_listeners(1)
        http.router.end_streams()
        assert await socket.receive() == (1012, "The router is stopping; subscribe again in a moment.")


async def test_a_client_that_takes_nothing_is_let_go(graph):
    settings = Settings(limits=Limits(subscription_send_seconds_max=0.2))
    with structlog.testing.capture_logs() as logs:
        async with serving(settings, graph) as http, socket_of(http) as socket:
            await socket.begin()
            await socket.subscribe("1", "subscription { reviewAdded { body } }")
            await graph.reviews.until_listeners(1)
            socket.socket._conn.transport.pause_reading()
            graph.reviews.announce(*({**a_review(), "body": "x" * 1_000_000} for _ in range(40)))
            await graph.reviews.until_listeners(0)
            socket.socket._conn.transport.abort()
    (ended,) = [entry for entry in logs if entry["event"] == "subscription ended"]
    assert ended["reason"] == "client too slow"
