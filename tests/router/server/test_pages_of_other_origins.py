"""Pages of other origins: what they are told before they ask, what with the answer, and at which doors."""

import pytest
from pydantic import ValidationError

from tests.router.server.http_client import post, serving
from tests.router.server.streams import PROTOCOL
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.door.cross_origin import CorsRules
from trevo.server.respond import respond

APP, PREVIEW, EVIL = "https://app.test", "https://pr-7.preview.app.test", "https://evil.test"
PREFIX = "access-control-"
ORIGINS = (APP, "https://*.preview.app.test")


def letting(*origins, extra_routes=None, **cors):
    settings = Settings(cors_origins=origins, cors=CorsRules(**cors), rates=Rates(enabled=False))
    return serving(settings, extra_routes=extra_routes)


async def ask_first(http, origin, path="/graphql", method="POST", headers="content-type", **more):
    """Status and what the browser is told, as the Fetch standard has it asked."""
    asked = {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}
    async with http.options(path, headers=asked | more) as response:
        return response.status, told_in(response.headers)


def told_in(headers):
    prefix = "access-control-"
    return {
        name.lower().removeprefix(prefix): value for name, value in headers.items() if name.lower().startswith(prefix)
    }


@pytest.mark.parametrize("origin", [APP, PREVIEW])
async def test_a_page_that_may_call_is_told_what_it_may_send(origin):
    async with letting(*ORIGINS) as http:
        status, told = await ask_first(http, origin)
    allowed = told.pop("allow-headers").split(", ")
    assert (status, told) == (200, {"allow-origin": origin, "allow-methods": "GET, POST", "max-age": "600"})
    assert [name for name in allowed if name.islower()] == [
        *("accept-language", "apollo-require-preflight", "apollographql-client-name", "apollographql-client-version"),
        *("authorization", "baggage", "content-encoding", "content-type", "if-none-match", "last-event-id"),
        *("sentry-trace", "traceparent", "tracestate", "user-agent", "x-apollo-operation-name", "x-correlation-id"),
        *("x-request-deadline-ms", "x-requested-with"),
    ]


@pytest.mark.parametrize("origin", [EVIL, "null", "https://app.test.evil.test", "https://a.b.preview.app.test"])
async def test_any_other_is_told_no_and_cannot_read_an_answer(origin):
    async with letting(*ORIGINS) as http:
        status, told = await ask_first(http, origin)
        assert (status, told.get("allow-origin")) == (400, None)
        status, headers, _ = await post(http, {"query": "{ me { id } }"}, origin=origin)
        assert (status, told_in(headers).get("allow-origin")) == (200, None)


async def test_an_answer_says_who_may_read_it_and_what_of_its_headers():
    async with letting(*ORIGINS) as http:
        for origin in (APP, PREVIEW):
            _, headers, _ = await post(http, {"query": "{ me { id } }"}, origin=origin)
            expected = {"allow-origin": origin, "expose-headers": "x-correlation-id, retry-after"}
            assert (told_in(headers), headers["vary"]) == (expected, "accept, accept-encoding, Origin")
        _, headers, _ = await post(http, {"query": "{ me { id } }"})
        assert (told_in(headers), headers["vary"]) == ({}, "accept, accept-encoding, Origin")


async def test_everybody_is_told_so_by_a_star():
    async with letting("*") as http:
        _, told = await ask_first(http, EVIL)
        assert told["allow-origin"] == "*"
        _, headers, _ = await post(http, {"query": "{ me { id } }"}, origin=EVIL)
        assert told_in(headers)["allow-origin"] == "*"


async def test_what_pages_may_do_is_set():
    rules = {
        "credentials": True,
        "methods": ("POST",),
        "headers": ("X-Team",),
        "exposed_headers": ("X-Cost",),
        "max_age_seconds": 7_200,
        "private_network": True,
    }
    async with letting(APP, **rules) as http:
        asked = {"access-control-request-private-network": "true"}
        status, told = await ask_first(http, APP, headers="x-team", **asked)
        assert "x-team" in told.pop("allow-headers").split(", ")
        assert (status, told) == (
            200,
            {
                "allow-origin": APP,
                "allow-credentials": "true",
                "allow-methods": "POST",
                "allow-private-network": "true",
                "max-age": "7200",
            },
        )
        assert (await ask_first(http, APP, method="GET"))[0] == 400
        _, headers, _ = await post(http, {"query": "{ me { id } }"}, origin=APP)
        assert told_in(headers) == {
            "allow-origin": APP,
            "allow-credentials": "true",
            "expose-headers": "x-correlation-id, x-cost",
        }
    async with letting(APP) as http:
        assert (await ask_first(http, APP, headers="x-team"))[0] == 400
        status, told = await ask_first(http, APP, **asked)
        assert (status, told.get("allow-private-network")) == (400, None)


async def test_what_is_served_beside_the_router_is_open_to_the_same_pages():
    async def token(_scope, _receive, send):
        await respond(send, 200, b"{}", "application/json")

    async with letting(*ORIGINS, extra_routes={"/oauth": token}) as http:
        for origin, allowed in ((APP, APP), (PREVIEW, PREVIEW), (EVIL, None)):
            status, told = await ask_first(http, origin, "/oauth/token", headers="authorization")
            assert (status == 200, told.get("allow-origin")) == (origin != EVIL, allowed)
            async with http.post("/oauth/token", data="grant_type=x", headers={"origin": origin}) as response:
                assert (response.status, told_in(response.headers).get("allow-origin")) == (200, allowed)
                assert response.headers["vary"] == "Origin"
        async with http.get("/health", headers={"origin": APP}) as response:
            assert told_in(response.headers) == {}
    async with (
        serving(extra_routes={"/oauth": token}) as http,
        http.post("/oauth/token", headers={"origin": APP}) as response,
    ):
        assert told_in(response.headers) == {}


async def test_web_sockets_are_opened_for_the_same_pages():
    async with letting(*ORIGINS) as http:
        for origin in (APP, PREVIEW):
            async with http.ws_connect("/graphql", protocols=[PROTOCOL], headers={"origin": origin}) as socket:
                assert socket.protocol == PROTOCOL
        async with http.get(
            "/graphql",
            headers={
                "origin": "https://a.b.preview.app.test",
                "connection": "upgrade",
                "upgrade": "websocket",
                "sec-websocket-version": "13",
                "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
            },
        ) as response:
            assert response.status == 403


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cors_origins": ["*"], "cors": {"credentials": True}}, "origins must be named"),
        ({"cors_origins": ["https://app.test/"]}, "no origin"),
        ({"cors_origins": ["https://*.test"]}, "no origin"),
        ({"cors_origins": ["null"]}, "no origin"),
        ({"cors": {"headers": ["*"]}}, "name of a header"),
    ],
)
def test_what_would_let_in_more_than_is_meant_is_refused_at_the_start(given, why):
    with pytest.raises(ValidationError, match=why):
        Settings(**given)
