"""Answers that anybody may keep say so, and are not sent again to who has them; all others are not to be stored."""

import gzip

import pytest

from tests.router.server.guarded import GUARDED
from tests.router.server.http_client import JSON, get, post, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.extensions.extension import Extension

PUBLIC = SUPERGRAPH.replace(
    "  topProducts(first: Int = 5): [Product]", "  topProducts(first: Int = 5): [Product] @cacheControl(maxAge: 60)"
)
CHAIRS = "{ topProducts { upc name } }"
PRIVATE = {"cache-control": "private, no-store", "vary": "accept, accept-encoding"}
KEPT = {"cache-control": "public, max-age=60", "vary": "accept, accept-encoding, accept-language"}


def keeping(graph=None, text=PUBLIC, extensions=(), **settings):
    return serving(Settings(rates=Rates(enabled=False), **settings), graph, supergraph_text=text, extensions=extensions)


def said_in(headers):
    return {name: headers.get(name) for name in PRIVATE}


async def test_an_answer_of_which_all_is_public_may_be_kept_as_long_as_the_graph_says():
    async with keeping() as http:
        _, headers, _ = await get(http, query=CHAIRS)
        assert said_in(headers) == KEPT
        _, headers, _ = await post(http, {"query": CHAIRS})
        assert (said_in(headers), headers.get("etag")) == (KEPT, None)


@pytest.mark.parametrize(
    "query", ["{ me { name } }", "{ topProducts { upc } me { name } }", "{ topProducts { reviews { body } } }", "{ x }"]
)
async def test_any_other_is_its_readers_alone(query):
    async with keeping() as http:
        _, headers, _ = await get(http, query=query)
    assert (said_in(headers), headers.get("etag")) == (PRIVATE, None)


async def test_without_the_directive_in_the_graph_all_are():
    async with serving() as http:
        _, headers, _ = await get(http, query=CHAIRS)
    assert (said_in(headers), headers.get("etag")) == (PRIVATE, None)


async def test_one_with_an_error_is_not_kept():
    graph = SmallGraph()
    graph.products.fault = lambda _request: {"data": {"topProducts": None}, "errors": [{"message": "odd"}]}
    async with keeping(graph) as http:
        _, headers, body = await get(http, query=CHAIRS)
    assert body["errors"][0]["message"] == "odd"
    assert (said_in(headers), headers.get("etag")) == (PRIVATE, None)


async def test_nor_is_one_that_not_everybody_may_have():
    text = GUARDED.replace("[Product]", "[Product] @cacheControl(maxAge: 60)", 1)
    async with keeping(text=text) as http:
        for query, expected in (("{ topProducts { name } }", KEPT), ("{ topProducts { name weight } }", PRIVATE)):
            _, headers, _ = await get(http, query=query)
            assert said_in(headers) == expected


class Signing(Extension):
    def on_response(self, response):
        response.extensions["for"] = "you"


async def test_nor_is_one_to_which_an_extension_has_added():
    async with keeping(extensions=(Signing(),)) as http:
        _, headers, body = await get(http, query=CHAIRS)
    assert body["extensions"] == {"for": "you"}
    assert said_in(headers) == PRIVATE


class SettingACookie(Extension):
    def on_response(self, response):
        response.set_header("set-cookie", "session=yours")


async def test_nor_one_with_a_header_of_an_extension():
    async with keeping(extensions=(SettingACookie(),)) as http:
        _, headers, _ = await get(http, query=CHAIRS)
    assert (headers["set-cookie"], said_in(headers), headers.get("etag")) == ("session=yours", PRIVATE, None)


def set_tenant(_extension, told):
    told.set_header("x-tenant", "north")


@pytest.mark.parametrize("hook", ["on_arrival", "on_request", "on_fetch"])
async def test_nor_one_for_which_an_extension_has_told_subgraphs_something(hook):
    graph, tenants = SmallGraph(), type("Tenants", (Extension,), {hook: set_tenant})()
    async with keeping(graph, extensions=(tenants,), headers={"all": [{"propagate": "x-tenant"}]}) as http:
        _, headers, _ = await get(http, query=CHAIRS)
    assert graph.products.requests[0].headers["x-tenant"] == "north"
    assert (said_in(headers), headers.get("etag")) == (PRIVATE, None)


async def test_what_subgraphs_are_sent_beside_who_asks_is_what_it_varies_by():
    settings = {
        "forwarded_headers": ("authorization", "cookie", "x-market"),
        "headers": {"all": [{"propagate": "x-tenant"}]},
        "override_labels_header": "x-labels",
    }
    async with keeping(**settings) as http:
        _, headers, _ = await get(http, query=CHAIRS)
    assert headers["vary"] == "accept, accept-encoding, x-labels, x-market, x-tenant"


@pytest.mark.parametrize("form", ["{}", '"other", {}', '{}, "other"', "*"])
async def test_who_has_it_is_told_so_and_sent_nothing(form):
    graph = SmallGraph()
    async with keeping(graph) as http:
        status, headers, _ = await get(http, query=CHAIRS)
        tag = headers["etag"]
        assert (status, tag[:3], len(tag)) == (200, 'W/"', 36)
        for known, expected in ((form.format(tag), 304), (form.format(tag.removeprefix("W/")), 304), ('"other"', 200)):
            async with http.get("/graphql", params={"query": CHAIRS}, headers={"if-none-match": known}) as response:
                assert response.status == expected
                assert (response.headers["etag"], said_in(response.headers)) == (tag, KEPT)
                if expected == 304:
                    assert await response.read() == b""
                    assert not {"content-type", "content-length", "content-encoding"} & {
                        *map(str.lower, response.headers)
                    }
        graph.products.fault = lambda _request: {"data": {"topProducts": []}}
        async with http.get("/graphql", params={"query": CHAIRS}, headers={"if-none-match": tag}) as response:
            assert (response.status, await response.json()) == (200, {"data": {"topProducts": []}})


async def test_its_tag_is_the_same_in_every_coding():
    many = "{ " + " ".join(f"a{number}: topProducts {{ upc name }}" for number in range(40)) + " }"
    tags = set()
    async with keeping() as http:
        for coding in ("identity", "gzip"):
            sent = {"accept-encoding": coding, "accept": JSON}
            async with http.get("/graphql", params={"query": many}, headers=sent) as response:
                body = await response.read()
                assert (gzip.decompress(body) if coding == "gzip" else body).startswith(b'{"data":{"a0":[')
                tags.add(response.headers["etag"])
    assert len(tags) == 1
