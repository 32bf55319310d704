"""What a browser sends for another site without asking first, cell by cell (`trevo/config/csrf.py` has the table)."""

import aiohttp
import pytest

from tests.router.server.http_client import code_of, get, serving
from tests.router.small_graph import SmallGraph
from trevo.config.csrf import CsrfRule
from trevo.config.header_rules import HeaderRule, HeaderRules
from trevo.config.rates import Rates
from trevo.config.settings import Settings

QUERY, MUTATION = "{ me { id } }", 'mutation { rename(id: "u1", name: "X") { name } }'
SIMPLE = [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
"""Content types of a POST that a page elsewhere may send at once (Fetch, 2.2.2, CORS-safelisted)."""
DISGUISED = ["text/plain; application/json", "text/plain, application/json", "application/json, text/plain", ""]
"""What a browser may take for a simple one, and a careless server for JSON."""
COOKIES_GO_ON = {"forwarded_headers": ("cookie",)}


def settings_of(**options):
    return Settings(rates=Rates(enabled=False), **options)


async def ask(http, method, *, query=QUERY, content_type=None, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type is not None:
        sent["content-type"] = content_type
    skipped = ["content-type"] if content_type is None else None
    options = {"params": {"query": query}} if method == "GET" else {"data": f'{{"query": "{query}"}}'.encode()}
    async with http.request(method, "/graphql", headers=sent, skip_auto_headers=skipped, **options) as response:
        body = await response.json()
    return response.status, code_of(body) if "errors" in body else body["data"]


@pytest.mark.parametrize("gets", ["cookies", "all", "none"])
@pytest.mark.parametrize("content_type", [*SIMPLE, *DISGUISED])
async def test_a_post_that_a_browser_sends_at_once_is_never_answered(content_type, gets):
    graph = SmallGraph()
    async with serving(settings_of(csrf=CsrfRule(gets=gets), **COOKIES_GO_ON), graph) as http:
        for query in (QUERY, "mutation { __typename }"):
            told = await ask(http, "POST", query=query, content_type=content_type, cookie="session=1")
            assert told == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert graph.users.requests == []


@pytest.mark.parametrize("gets", ["cookies", "all", "none"])
async def test_a_post_of_json_needs_nothing_more(gets):
    async with serving(settings_of(csrf=CsrfRule(gets=gets), **COOKIES_GO_ON)) as http:
        told = await ask(http, "POST", content_type="application/json", cookie="session=1")
        assert told == (200, {"me": {"id": "u1"}})


async def test_a_get_of_a_mutation_is_never_answered():
    graph = SmallGraph()
    async with serving(settings_of(csrf=CsrfRule(gets="none"), **COOKIES_GO_ON), graph) as http:
        for headers in ({}, {"cookie": "session=1"}, {"apollo_require_preflight": "1"}):
            assert await ask(http, "GET", query=MUTATION, **headers) == (405, "MUTATION_NOT_ALLOWED")
    assert graph.users.requests == []


ANSWERED, REFUSED = (200, {"me": {"id": "u1"}}), (403, "PREFLIGHT_REQUIRED")
PROPAGATED = {"headers": HeaderRules(all=(HeaderRule(propagate="cookie"),))}
FOR_ONE = {"headers": HeaderRules(subgraphs={"users": (HeaderRule(propagate="cookie", rename="x-cookie"),)})}


@pytest.mark.parametrize(
    ("gets", "options", "headers", "told"),
    [
        # Cookies prove nothing where no subgraph gets them, and a request without one has nothing to prove.
        ("cookies", {}, {"cookie": "session=1"}, ANSWERED),
        ("cookies", COOKIES_GO_ON, {}, ANSWERED),
        ("cookies", COOKIES_GO_ON, {"cookie": "session=1"}, REFUSED),
        ("cookies", PROPAGATED, {"cookie": "session=1"}, REFUSED),
        ("cookies", FOR_ONE, {"cookie": "session=1"}, REFUSED),
        ("all", {}, {}, REFUSED),
        ("all", {}, {"cookie": "session=1"}, REFUSED),
        ("none", COOKIES_GO_ON, {"cookie": "session=1"}, ANSWERED),
        # What no page can set without being asked.
        ("all", {}, {"apollo_require_preflight": "1"}, ANSWERED),
        ("all", {}, {"x_apollo_operation_name": "Me"}, ANSWERED),
        ("all", {}, {"x_requested_with": "XMLHttpRequest"}, ANSWERED),
        ("cookies", COOKIES_GO_ON, {"cookie": "session=1", "x_requested_with": "page"}, ANSWERED),
        ("all", {}, {"content_type": "application/json"}, ANSWERED),
        ("all", {}, {"content_type": "Application/JSON; charset=utf-8"}, ANSWERED),
        # What shows nothing.
        ("all", {}, {"apollo_require_preflight": ""}, REFUSED),
        ("all", {}, {"apollo_require_preflight": "  "}, REFUSED),
        ("all", {}, {"accept": "application/json", "accept_language": "pt", "range": "bytes=0-1"}, REFUSED),
        *(("all", {}, {"content_type": content_type}, REFUSED) for content_type in (*SIMPLE[1:], *DISGUISED)),
    ],
)
async def test_a_get_of_a_query(gets, options, headers, told):
    graph = SmallGraph()
    async with serving(settings_of(csrf=CsrfRule(gets=gets), **options), graph) as http:
        assert await ask(http, "GET", **headers) == told
    assert len(graph.users.requests) == (told == ANSWERED)


async def test_a_get_of_a_stream_is_held_to_the_same_rule():
    """A page elsewhere can open an event source, with cookies."""
    async with serving(settings_of(**COOKIES_GO_ON)) as http:
        sent = {"accept": "text/event-stream", "cookie": "session=1"}
        query = {"query": "subscription { renamed { name } }"}
        async with http.get("/graphql", params=query, headers=sent) as response:
            text = await response.text()
    assert "PREFLIGHT_REQUIRED" in text


async def test_the_headers_that_show_it_are_set():
    async with serving(settings_of(csrf=CsrfRule(gets="all", headers=("x-team",)))) as http:
        assert await ask(http, "GET", x_team="one") == ANSWERED
        assert await ask(http, "GET", apollo_require_preflight="1") == REFUSED
        _, _, body = await get(http, query=QUERY)
        assert body["errors"][0]["message"] == (
            "Send this by POST, or with one of the headers x-team, content-type: application/json."
        )


@pytest.mark.parametrize(("origin", "is_allowed"), [("https://app.test", True), ("https://evil.test", False)])
async def test_who_asks_first_is_told_by_origin(origin, is_allowed):
    async with serving(settings_of(cors_origins=("https://app.test",), csrf=CsrfRule(headers=("x-team",)))) as http:
        asked = {"origin": origin, "access-control-request-method": "GET", "access-control-request-headers": "x-team"}
        async with http.options("/graphql", headers=asked) as response:
            assert (response.status == 200) is is_allowed
            assert (response.headers.get("access-control-allow-origin") == origin) is is_allowed
            assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 101), ("https://app.test", 101), ("https://evil.test", 403), ("null", 403), ("https://app.test.evil", 403)],
)
async def test_a_socket_is_opened_for_pages_of_ours_alone(origin, status):
    async with serving(settings_of(cors_origins=("https://app.test",), **COOKIES_GO_ON)) as http:
        sent = {"cookie": "session=1"} | ({"origin": origin} if origin else {})
        try:
            async with http.ws_connect("/graphql", protocols=["graphql-transport-ws"], headers=sent):
                told = 101
        except aiohttp.WSServerHandshakeError as refused:
            told = refused.status
    assert told == status


@pytest.mark.parametrize("name", ["cookie", "Accept-Language", "authorization", "sec-fetch-site", "x-forwarded-for"])
def test_a_header_that_comes_by_itself_cannot_show_it(name):
    with pytest.raises(ValueError, match=name):
        CsrfRule(headers=(name,))


def test_something_must_be_able_to_show_it():
    with pytest.raises(ValueError, match="headers"):
        CsrfRule(headers=())
