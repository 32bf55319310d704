"""Who speaks over a web socket: where the token comes from, and what ends with it."""

import time
from unittest.mock import AsyncMock

import pytest

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import serving
from tests.router.server.streams import TOKEN_REFUSED, socket_of
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import END
from trevo.config.settings import Settings
from trevo.errors import RequestRefused

WITH_TOKENS = Settings(issuer=ISSUER, audience=AUDIENCE, clock_skew_seconds=0)


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_the_token_comes_in_the_first_message(graph, name):
    bearer = f"Bearer {token()}"
    async with serving(WITH_TOKENS, graph, key_source=publish) as http, socket_of(http) as socket:
        await socket.begin({name: bearer})
        await socket.subscribe("1", "{ me { id } }")
        assert (await socket.receive())["type"] == "next"
    assert graph.users.requests[0].headers["authorization"] == bearer


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
    bearer = f"Bearer {token(exp=int(time.time()) + 2)}"
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
