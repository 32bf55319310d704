"""Who speaks over a web socket: where the token comes from, and what ends with it."""

import asyncio
import time
from unittest.mock import AsyncMock

import pytest

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import serving
from tests.router.server.streams import TOKEN_REFUSED, a_review, added, socket_of
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import END
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.errors import RequestRefused

WITH_TOKENS = Settings(issuer=ISSUER, audience=AUDIENCE, clock_skew_seconds=0)


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "the token"},
        {"authorization": "the token"},
        {"headers": {"Authorization": "the token"}},
        {"headers": {"authorization": "the token", "x-app": "web"}},
        {"Authorization": "the token", "headers": {"Authorization": "Bearer nonsense"}},
        {"Authorization": None, "headers": {"Authorization": "the token"}},
    ],
)
async def test_the_token_comes_in_the_first_message(graph, payload):
    bearer = f"Bearer {token()}"
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin(with_token(payload, bearer))
        await socket.subscribe("1", "{ me { id } }")
        assert (await socket.receive())["type"] == "next"
    assert graph.users.requests[0].headers["authorization"] == bearer


def with_token(payload, bearer):
    """*payload* with *bearer* where it says so."""
    if isinstance(payload, dict):
        return {name: with_token(value, bearer) for name, value in payload.items()}
    return bearer if payload == "the token" else payload


async def test_or_in_the_header_of_the_upgrade_and_the_message_wins(graph):
    first, second = f"Bearer {token()}", f"Bearer {token(sub='u2')}"
    async with serving(WITH_TOKENS, graph, key_source=publish) as http:
        async with socket_of(http, authorization=first) as socket:
            await socket.begin()
            await socket.subscribe("1", "{ me { id } }")
            assert (await socket.receive())["type"] == "next"
        async with socket_of(http, authorization=first) as socket:
            await socket.begin({"authorization": second})
            await socket.subscribe("1", "{ me { id } }")
            assert (await socket.receive())["type"] == "next"
    assert [request.headers["authorization"] for request in graph.users.requests] == [first, second]


@pytest.mark.parametrize("bearer", ["Bearer nonsense", f"Bearer {token(exp=1)}", f"Bearer {token(aud='else')}", "x"])
async def test_a_bad_token_is_forbidden(graph, bearer):
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.send("connection_init", payload={"Authorization": bearer})
        assert (await socket.receive())[0] == 4403


async def test_while_no_token_can_be_verified_clients_come_back_later(graph):
    async def broken():
        raise OSError("down")

    async with serving(WITH_TOKENS, graph, key_source=broken) as http, socket_of(http) as socket:
        await socket.send("connection_init", payload={"Authorization": f"Bearer {token()}"})
        assert (await socket.receive())[0] == 1013


async def test_a_connection_ends_with_its_token(graph):
    bearer = f"Bearer {token(exp=int(time.time()) + 4)}"
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": bearer})
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        closed, reason = await socket.receive()
    assert (closed, reason) == (4403, "The token has expired; refresh it and subscribe again.")


async def test_a_connection_whose_token_a_subgraph_refuses_is_closed(graph):
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": f"Bearer {token()}"})
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        graph.reviews.last_words = TOKEN_REFUSED
        graph.reviews.announce(END)
        assert await socket.receive() == (4403, "The session has ended.")


async def test_an_operation_after_the_token_has_run_out_closes_the_connection(graph, monkeypatch):
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": f"Bearer {token()}"})
        verifier = http.router.service.verifier
        with pytest.raises(RequestRefused) as expired:
            await verifier.verify(f"Bearer {token(exp=1)}")
        monkeypatch.setattr(verifier, "verify", AsyncMock(side_effect=expired.value))
        await socket.subscribe("1", "{ me { id } }")
        assert (await socket.receive())[0] == 4403


# ── renewed ──


def bearer_for(seconds, **claims):
    """A token that is good for so long; another one for each length."""
    return f"Bearer {token(exp=int(time.time()) + seconds, **claims)}"


async def renew(socket, bearer):
    await socket.send("ping", payload={"Authorization": bearer})
    assert await socket.receive() == {"type": "pong"}


async def test_a_renewed_token_keeps_the_connection_open_when_the_first_runs_out(graph):
    short, long = bearer_for(5), bearer_for(600)
    async with (
        serving(WITH_TOKENS, graph, key_source=publish) as http,
        socket_of(http) as renewed,
        socket_of(http) as not_renewed,
    ):
        for socket in (renewed, not_renewed):
            await socket.begin({"Authorization": short})
            await socket.subscribe("1")
        await graph.reviews.until_listeners(2)
        await renew(renewed, long)
        assert (await not_renewed.receive())[0] == 4403
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review())
        assert await renewed.receive() == {"id": "1", "type": "next", "payload": added()}
        await renewed.subscribe("2", "{ me { name } }")
        assert (await renewed.receive())["payload"] == {"data": {"me": {"name": "Ada"}}}
    # All that is asked since is asked with it: the subscription itself, what its events need, and the query.
    assert [request.headers["authorization"] for request in graph.reviews.requests] == [short, short, long]
    assert [request.headers["authorization"] for request in graph.users.requests] == [long, long]


@pytest.mark.parametrize("payload", [{"authorization": "the token"}, {"headers": {"Authorization": "the token"}}])
async def test_the_new_token_comes_as_the_first_one_does(graph, payload):
    first, second = bearer_for(500), bearer_for(600)
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": first})
        await socket.send("ping", payload=with_token(payload, second))
        assert await socket.receive() == {"type": "pong"}
        await socket.subscribe("1", "{ me { name } }")
        assert (await socket.receive())["type"] == "next"
    assert graph.users.requests[0].headers["authorization"] == second


async def test_what_was_renewed_counts_once_and_is_completed_by_its_id(graph):
    settings = WITH_TOKENS.model_copy(update={"limits": Limits(subscriptions_per_person_max=1)})
    async with serving(settings, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": bearer_for(500)})
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        for seconds in (600, 700):
            await renew(socket, bearer_for(seconds))
            await graph.reviews.until_listeners(1)
        assert "router_subscriptions 1.0\n" in http.router.metrics.text().decode()
        await socket.send("complete", "1")
        await graph.reviews.until_listeners(0)
        await socket.send("ping")
        assert await socket.receive() == {"type": "pong"}
    assert len(graph.reviews.requests) == 3


async def test_the_same_token_again_changes_nothing(graph):
    bearer = bearer_for(500)
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": bearer})
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        await renew(socket, bearer)
        graph.reviews.announce(a_review())
        assert (await socket.receive())["payload"] == added()
    assert len(graph.reviews.requests) == 1


@pytest.mark.parametrize("claims", [{"sub": "u2"}, {"exp": 1}, {"aud": "else"}, {"iss": "else"}, None])
async def test_a_token_that_is_no_renewal_closes_the_connection(graph, claims):
    other = "Bearer nonsense" if claims is None else f"Bearer {token(**claims)}"
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": bearer_for(500)})
        await socket.subscribe("1")
        await graph.reviews.until_listeners(1)
        await socket.send("ping", payload={"Authorization": other})
        assert (await socket.receive())[0] == 4403
        await graph.reviews.until_listeners(0)
    assert len(graph.reviews.requests) == 1


async def test_who_came_as_nobody_does_not_become_somebody(graph):
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin()
        await socket.send("ping", payload={"Authorization": bearer_for(600)})
        assert await socket.receive() == (4403, "The token is not of who opened this web socket; open another for it")


async def test_a_token_that_is_no_text_closes_the_connection(graph):
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": bearer_for(500)})
        await socket.send("ping", payload={"headers": {"Authorization": 1}})
        assert await socket.receive() == (4400, "Authorization must be a string")


async def test_what_was_on_its_way_with_the_first_token_is_asked_with_the_second(graph, monkeypatch):
    first, second = bearer_for(500), bearer_for(600)
    asked, released = asyncio.Event(), asyncio.Event()
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({"Authorization": first})
        verifier = http.router.service.verifier
        verify = verifier.verify
        with pytest.raises(RequestRefused) as expired:
            await verify(f"Bearer {token(exp=1)}")

        async def slow_for_the_first(authorization):
            if authorization != first:
                return await verify(authorization)
            asked.set()
            await released.wait()
            raise expired.value

        monkeypatch.setattr(verifier, "verify", slow_for_the_first)
        await socket.subscribe("1", "{ me { name } }")
        await asked.wait()
        await renew(socket, second)
        released.set()
        assert await socket.receive() == {"id": "1", "type": "next", "payload": {"data": {"me": {"name": "Ada"}}}}
        assert await socket.receive() == {"id": "1", "type": "complete"}
    assert [request.headers["authorization"] for request in graph.users.requests] == [second]
