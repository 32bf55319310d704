"""Many who say little do not keep out one who says something: slow bodies, silent web sockets, full houses."""

import asyncio
from contextlib import AsyncExitStack

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import post, serving
from tests.router.server.streams import PROTOCOL, Socket, socket_of
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SmallGraph
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door.connections import ConnectionBounds

HALF = b"POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"


def with_tokens(**limits):
    return Settings(issuer=ISSUER, audience=AUDIENCE, limits=Limits(**limits))


async def a_token_of(subject):
    return {"Authorization": f"Bearer {token(sub=subject)}"}


async def test_requests_that_are_not_whole_take_nobodys_place():
    settings = Settings(limits=Limits(in_flight_max=5), connections=ConnectionBounds(open_per_address_max=1_000))
    async with serving(settings) as http, AsyncExitStack() as stack:
        origin = http._base_url
        for _ in range(520):
            _, writer = await asyncio.open_connection(origin.host, origin.port)
            stack.callback(writer.close)
            writer.write(HALF)
            await writer.drain()
        assert (await post(http, {"query": "{ me { id } }"}))[0] == 200
        assert "router_requests_in_flight 0.0\n" in http.router.metrics.text().decode()


async def test_silent_web_sockets_make_way_for_a_person():
    settings = with_tokens(sockets_arriving_max=5, sockets_per_address_max=5, socket_init_seconds_max=60)
    async with serving(settings, key_source=publish) as http, AsyncExitStack() as stack:
        silent = [
            Socket(await stack.enter_async_context(http.ws_connect("/graphql", protocols=(PROTOCOL,))))
            for _ in range(50)
        ]
        async with socket_of(http) as socket:
            await socket.begin(await a_token_of("ada"))
            await socket.subscribe(query="{ me { id } }")
            assert (await socket.receive())["type"] == "next"
        assert await silent[0].receive() == (1013, "Too many web sockets are open; try again in a moment.")


async def test_anonymous_web_sockets_take_no_room_from_people():
    settings = with_tokens(sockets_anonymous_max=2)
    async with serving(settings, key_source=publish) as http, AsyncExitStack() as stack:
        for _ in range(2):
            await (await stack.enter_async_context(socket_of(http))).begin()
        async with socket_of(http) as third:
            await third.send("connection_init")
            assert (await third.receive())[0] == 1013
        async with socket_of(http) as person:
            await person.begin(await a_token_of("ada"))
            text = http.router.metrics.text().decode()
            assert 'router_web_sockets{whose="anonymous"} 2.0\n' in text
            assert 'router_web_sockets{whose="signed_in"} 1.0\n' in text
            assert 'router_web_sockets{whose="arriving"} 0.0\n' in text


async def test_one_address_has_so_many_anonymous_web_sockets():
    settings = Settings(trusted_networks=("127.0.0.0/8",), limits=Limits(sockets_per_address_max=1))

    def of(address):
        return {"x-forwarded-for": address}

    async with serving(settings) as http, socket_of(http, **of("203.0.113.1")) as first:
        await first.begin()
        async with socket_of(http, **of("203.0.113.1")) as second:
            await second.send("connection_init")
            assert (await second.receive())[0] == 1013
        async with socket_of(http, **of("203.0.113.2")) as other:
            await other.begin()


async def test_one_person_has_so_many_web_sockets():
    settings = with_tokens(sockets_per_person_max=1)
    async with serving(settings, key_source=publish) as http, socket_of(http) as first:
        await first.begin(await a_token_of("ada"))
        async with socket_of(http) as second:
            await second.send("connection_init", payload=await a_token_of("ada"))
            assert (await second.receive())[0] == 1013
        async with socket_of(http) as other:
            await other.begin(await a_token_of("bob"))


async def test_all_people_have_so_many_web_sockets():
    async with serving(with_tokens(sockets_max=1), key_source=publish) as http, socket_of(http) as first:
        await first.begin(await a_token_of("ada"))
        async with socket_of(http) as second:
            await second.send("connection_init", payload=await a_token_of("bob"))
            assert (await second.receive())[0] == 1013


async def test_an_anonymous_web_socket_has_to_be_of_use():
    graph = SmallGraph()
    async with (
        serving(with_tokens(socket_idle_seconds_max=2), graph, key_source=publish) as http,
        socket_of(http) as person,
    ):
        await person.begin(await a_token_of("ada"))
        async with socket_of(http) as socket:
            await socket.begin()
            assert await socket.receive() == (4408, "Nothing was asked for too long; connect again to ask.")
        async with socket_of(http) as socket:
            await socket.begin()
            await socket.subscribe("1")
            await graph.reviews.until_listeners(1)
            await asyncio.sleep(2.3)  # longer than it may be idle, and it is not
            await socket.send("complete", "1")
            assert (await socket.receive())[0] == 4408
        await person.send("ping")
        assert await person.receive() == {"type": "pong"}


async def test_anonymous_subscriptions_are_counted_by_address():
    settings = Settings(trusted_networks=("127.0.0.0/8",), limits=Limits(subscriptions_per_person_max=1))
    graph = SmallGraph()
    async with serving(settings, graph) as http, AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(socket_of(http, **{"x-forwarded-for": address}))
            for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2")
        ]
        for socket in sockets:
            await socket.begin()
        await sockets[0].subscribe("1")
        await graph.reviews.until_listeners(1)
        await sockets[1].subscribe("1")
        assert (await sockets[1].receive())["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await sockets[2].subscribe("1")
        await graph.reviews.until_listeners(2)
