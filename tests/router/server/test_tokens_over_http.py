"""What a client with a token meets at the router."""

import orjson
import pytest

from tests.router.auth.test_identity import AUDIENCE, ISSUER, key_set, token
from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import SmallGraph, raw_answer, served
from trevo.config.settings import Settings


async def publish():
    return key_set()


SETTINGS = Settings(issuer=ISSUER, audience=AUDIENCE)


async def test_a_good_token_goes_on_to_the_subgraph():
    graph = SmallGraph()
    bearer = f"Bearer {token()}"
    async with serving(SETTINGS, graph, key_source=publish) as http:
        status, _, body = await post(http, {"query": "{ me { id } }"}, authorization=bearer)
    assert (status, body) == (200, {"data": {"me": {"id": "u1"}}})
    assert graph.users.requests[0].headers["authorization"] == bearer


async def test_without_a_token_the_request_is_anonymous():
    graph = SmallGraph()
    async with serving(SETTINGS, graph, key_source=publish) as http:
        assert (await post(http, {"query": "{ me { id } }"}))[0] == 200
    assert "authorization" not in graph.users.requests[0].headers


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_bad_token_ends_the_request_before_anyone_is_asked(accept):
    graph = SmallGraph()
    async with serving(SETTINGS, graph, key_source=publish) as http:
        status, headers, body = await post(
            http, {"query": "{ me { id } }"}, accept=accept, authorization=f"Bearer {token(aud='elsewhere')}"
        )
    assert status == 401
    assert headers["www-authenticate"] == (
        'Bearer error="invalid_token", error_description="The token was issued for another audience."'
    )
    assert body == {
        "errors": [{"message": "The token was issued for another audience.", "extensions": {"code": "UNAUTHENTICATED"}}]
    }
    assert graph.users.requests == []


async def test_a_scope_that_every_token_must_have():
    settings = Settings(issuer=ISSUER, audience=AUDIENCE, required_scope="graph")
    async with serving(settings, key_source=publish) as http:
        status, _, body = await post(http, {"query": "{ me { id } }"}, authorization=f"Bearer {token()}")
        assert (status, code_of(body)) == (403, "INSUFFICIENT_SCOPE")
        status, _, _ = await post(http, {"query": "{ me { id } }"}, authorization=f"Bearer {token(scope='graph')}")
        assert status == 200


async def test_keys_from_the_issuers_url():
    async def issuer(_scope, _receive, send):
        await raw_answer(send, 200, orjson.dumps(key_set("EdDSA")))

    async with served(issuer) as there:
        settings = Settings(issuer=ISSUER, audience=AUDIENCE, jwks_url=f"{there.origin}/jwks.json")
        async with serving(settings) as http:
            status, _, _ = await post(http, {"query": "{ me { id } }"}, authorization=f"Bearer {token()}")
            assert status == 200
            status, _, body = await post(http, {"query": "{ me { id } }"}, authorization=f"Bearer {token('RS256')}")
            assert (status, code_of(body)) == (401, "UNAUTHENTICATED")
