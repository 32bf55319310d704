"""Before anybody has looked whose a request is: what may be changed, refused, and what becomes of failures."""

import pytest

from tests.router.extensions.asking import ask, failures, routing
from tests.router.extensions.test_failing_extensions import MASKED, QUICK, TRACED, failing, hangs, raises
from tests.router.server.guarded import bearer, guarded, settings
from tests.router.server.http_client import GRAPHQL, post
from tests.router.server.streams import socket_of
from tests.router.small_graph import SmallGraph
from trevo.errors import refuse
from trevo.extensions.extension import Extension

ME = {"query": "{ me { id } }"}


class Keys(Extension):
    """Knows whose an API key or a cookie is."""

    def __init__(self):
        self.seen = []

    async def on_arrival(self, arrival):
        key = arrival.headers.get("x-api-key") or arrival.headers.get("cookie", "").removeprefix("key=")
        if key == "k1":
            arrival.set_header("Authorization", bearer(sub="u1")["authorization"])
        elif key:
            raise refuse("UNKNOWN_KEY", "We do not know this key.", status=401)
        arrival.remove_header("X-Api-Key")
        arrival.notes["keys"] = key

    def on_request(self, request):
        self.seen.append((request.identity and request.identity.subject, request.notes["keys"], dict(request.headers)))


async def test_a_key_becomes_a_token_that_is_verified_and_goes_on_like_any():
    graph, keys = SmallGraph(), Keys()
    async with guarded(graph, extensions=[keys]) as http:
        status, _, body = await post(http, {"query": "{ me { email } }"}, **{"x-api-key": "k1"})
    assert (status, body) == (200, {"data": {"me": {"email": "ada@example.org"}}})
    ((subject, noted, headers),) = keys.seen
    assert (subject, noted, headers.get("x-api-key")) == ("u1", "k1", None)
    assert graph.users.requests[0].headers["authorization"] == headers["authorization"]


async def test_a_token_that_is_no_good_is_refused_whoever_gave_it():
    class Wrong(Extension):
        def on_arrival(self, arrival):
            arrival.set_header("authorization", "Bearer nonsense")

    async with guarded(SmallGraph(), extensions=[Wrong()]) as http:
        assert (await post(http, ME, **bearer()))[0] == 401


async def test_an_unknown_key_is_refused_before_a_token_is_read():
    graph, keys = SmallGraph(), Keys()
    async with guarded(graph, extensions=[keys]) as http:
        status, _, body = await post(
            http, ME, accept=GRAPHQL, **{"x-api-key": "k2", "authorization": "Bearer nonsense"}
        )
    refusal = {"message": "We do not know this key.", "extensions": {"code": "UNKNOWN_KEY"}}
    assert (status, body) == (401, {"errors": [refusal]})
    assert (keys.seen, graph.users.requests) == ([], [])


class NotFromHere(Extension):
    def on_arrival(self, arrival):
        if arrival.address == "127.0.0.1":
            raise refuse("NOT_FROM_HERE", "Not from 127.0.0.1.", status=403)


async def test_an_address_may_be_refused():
    async with guarded(SmallGraph(), extensions=[NotFromHere()]) as http:
        status, _, body = await post(http, ME, accept=GRAPHQL)
        assert (status, body["errors"][0]["extensions"]) == (403, {"code": "NOT_FROM_HERE"})
        async with socket_of(http) as socket:
            await socket.send("connection_init")
            assert await socket.receive() == (4403, "Not from 127.0.0.1.")


async def test_a_cookie_says_whose_a_web_socket_is_and_each_operation_on_it():
    graph, keys = SmallGraph(), Keys()
    async with guarded(graph, extensions=[keys]) as http, socket_of(http, cookie="key=k1") as socket:
        await socket.begin()
        assert 'router_web_sockets{whose="signed_in"} 1.0' in http.router.metrics.text().decode()
        await socket.subscribe("1", "{ me { email } }")
        assert (await socket.receive())["payload"] == {"data": {"me": {"email": "ada@example.org"}}}
    assert [subject for subject, _, _ in keys.seen] == ["u1"]


async def test_the_token_of_a_web_sockets_first_message_has_come_too():
    seen = []

    class Looks(Extension):
        def on_arrival(self, arrival):
            seen.append(arrival.headers.get("authorization"))

    given = bearer()["authorization"]
    async with guarded(SmallGraph(), extensions=[Looks()]) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": given})
        await socket.subscribe("1", "{ me { id } }")
        await socket.receive()
    assert seen == [given, given]


async def test_only_what_is_a_header_and_not_the_routers_own_can_be_set():
    class Wrong(Extension):
        said = ()

        def on_arrival(self, arrival):
            for name, value in (("x-forwarded-for", "1.2.3.4"), ("x-a", "1\r\nx-b: 2"), ("x request", "1")):
                with pytest.raises(ValueError, match=r"header|own"):
                    arrival.set_header(name, value)
                self.said = (*self.said, name)

    wrong = Wrong()
    async with routing(wrong) as router:
        assert (await ask(router, "{ me { name } }")).errors == []
    assert wrong.said == ("x-forwarded-for", "x-a", "x request")


@pytest.mark.parametrize("behave", [raises, hangs])
async def test_where_it_fails_nobody_gets_in(behave):
    graph = SmallGraph()
    quick = settings(extensions=QUICK.extensions)
    async with guarded(graph, quick, extensions=[failing("on_arrival", behave)]) as http:
        status, _, body = await post(http, ME, accept=GRAPHQL, **TRACED)
        assert (status, body) == (500, MASKED)
        async with socket_of(http, **TRACED) as socket:
            await socket.send("connection_init")
            assert await socket.receive() == (1011, MASKED["errors"][0]["message"])
        assert failures(http.router) == {("Broken", "on_arrival"): 2}
    assert graph.users.requests == []
