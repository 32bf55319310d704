"""Answers in parts of the form of 2022 (`deferSpec=20220824`), over real HTTP: nothing announced, fragments whole."""

import pytest

from tests.router.read_parts import opened, parts_of, put_fragments_together, put_together
from tests.router.server.deferring import AT_ONCE, LATER, NO_RATES, SLOW, Held
from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph, failing
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.config.limits import Limits
from trevo.config.settings import Settings

OF_2022 = "multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json"
REVIEWS = [{"body": "good"}, {"body": "fine"}]


async def fragments_of(http, query, **request):
    return await parts_of(http, query, accept=OF_2022, **request)


@pytest.fixture
async def http(graph):
    async with serving(graph=graph) as session:
        yield session


async def test_a_fragment_comes_with_its_place_and_its_label():
    graph = SmallGraph()
    held = Held(graph.reviews)
    async with serving(graph=graph) as http, opened(http, SLOW, accept=OF_2022) as parts:
        assert parts.headers["content-type"] == 'multipart/mixed; boundary="-"; deferSpec=20220824'
        assert await parts.next() == {"data": {"me": {"name": "Ada"}}, "hasNext": True}
        held.told.set()
        assert await parts.next() == {
            "incremental": [{"path": ["me"], "label": "voices", "data": {"reviews": REVIEWS}}],
            "hasNext": False,
        }


async def test_every_byte(http):
    headers = {"content-type": "application/json", "accept": 'multipart/mixed;boundary="graphql";deferSpec=20220824'}
    async with http.post("/graphql", json={"query": SLOW}, headers=headers) as response:
        text = await response.read()
    head = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
    first = b'{"data":{"me":{"name":"Ada"}},"hasNext":true}'
    second = (
        b'{"incremental":[{"path":["me"],"label":"voices","data":{"reviews":[{"body":"good"},{"body":"fine"}]}}],'
        b'"hasNext":false}'
    )
    assert text == b"---" + head + first + b"\r\n---" + head + second + b"\r\n-----\r\n"


@pytest.mark.parametrize(
    ("accept", "is_of_2022"),
    [
        ("multipart/mixed;deferSpec=20220824, multipart/mixed", True),
        ("multipart/mixed, multipart/mixed;deferSpec=20220824", False),
        ("multipart/mixed;q=0.9, multipart/mixed;deferSpec=20220824", True),
        ("multipart/mixed;deferSpec=20220824;q=0.9, multipart/mixed;incrementalSpec=v0.2", False),
    ],
)
async def test_the_form_that_is_liked_best_is_chosen(http, accept, is_of_2022):
    async with opened(http, SLOW, accept=accept) as parts:
        found = await parts.all()
    assert found == [AT_ONCE, LATER] if not is_of_2022 else "pending" not in found[0]


async def test_nothing_deferred_comes_whole_or_as_one_part(http):
    _, headers, body = await post(http, {"query": "{ me { name } }"}, accept=OF_2022)
    assert headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert body == {"data": {"me": {"name": "Ada"}}}
    alone = "multipart/mixed;deferSpec=20220824"
    assert await parts_of(http, "{ me { name } }", accept=alone) == [
        {"data": {"me": {"name": "Ada"}}, "hasNext": False}
    ]


async def test_what_came_before_is_in_the_fragment_that_selects_it_too(http):
    query = "{ me { name reviews { id } ... @defer { name reviews { id body } } } }"
    first, second = await fragments_of(http, query)
    reviews = [{"id": "r1", "body": "good"}, {"id": "r3", "body": "fine"}]
    assert first["data"] == {"me": {"name": "Ada", "reviews": [{"id": "r1"}, {"id": "r3"}]}}
    # ... and nothing of what it does not.
    assert second["incremental"] == [{"path": ["me"], "data": {"name": "Ada", "reviews": reviews}}]


async def test_what_two_fragments_select_is_in_both(http):
    query = """{ me { name ... @defer(label: "a") { reviews { id } email }
      ... @defer(label: "b") { all: reviews { body } reviews { id } } } }"""
    found = await fragments_of(http, query)
    by_label = {each["label"]: each["data"] for part in found[1:] for each in part["incremental"]}
    ids = [{"id": "r1"}, {"id": "r3"}]
    assert by_label == {"a": {"reviews": ids, "email": "ada@example.org"}, "b": {"all": REVIEWS, "reviews": ids}}


async def test_each_object_of_a_list_has_its_own(http):
    found = await fragments_of(http, "{ users { name ...More @defer } } fragment More on User { reviews { id } }")
    assert found[1]["incremental"] == [
        {"path": ["users", 0], "data": {"reviews": [{"id": "r1"}, {"id": "r3"}]}},
        {"path": ["users", 1], "data": {"reviews": [{"id": "r2"}]}},
    ]


async def test_a_fragment_in_a_fragment_comes_for_itself():
    graph = SmallGraph()
    held = Held(graph.inventory)
    query = """{ me { name ... @defer(label: "a") { reviews { body product {
      upc ... @defer(label: "b") { upc inStock } } } } } }"""
    async with serving(graph=graph) as http, opened(http, query, accept=OF_2022) as parts:
        await parts.next()
        (outer,) = (await parts.next())["incremental"]
        assert (outer["label"], outer["data"]["reviews"][0]) == ("a", {"body": "good", "product": {"upc": "p1"}})
        held.told.set()
        inner = (await parts.next())["incremental"]
    assert inner == [
        {"path": ["me", "reviews", 0, "product"], "label": "b", "data": {"upc": "p1", "inStock": True}},
        {"path": ["me", "reviews", 1, "product"], "label": "b", "data": {"upc": "p2", "inStock": False}},
    ]


async def test_a_fragment_that_fails_is_null_and_says_why():
    def fail(_request):
        raise SubgraphFailed("The subgraph 'inventory' answered 500.", code="SUBREQUEST_HTTP_ERROR")

    graph = SmallGraph()
    graph.inventory.fault = fail
    query = """{ product(upc: "p1") { name ... @defer(label: "stock") { inStock kind }
      ... @defer(label: "voices") { reviews { id } } } }"""
    async with serving(graph=graph) as http:
        together = put_fragments_together(await fragments_of(http, query))
    assert together["data"] == {"product": {"name": "Chair", "reviews": [{"id": "r1"}, {"id": "r2"}]}}
    (failed,) = together["failed"]
    assert (failed["path"], failed["label"], failed["data"]) == (["product"], "stock", None)
    assert [error["path"] for error in failed["errors"]] == [["product", "inStock"]]


async def test_an_error_is_told_once_with_the_first_that_wanted_it():
    graph = SmallGraph()
    graph.users.roots["me"] = lambda _info: {"id": "u1", "name": "Ada", "email": failing("No email.")}
    query = '{ me { name ... @defer(label: "a") { email } ... @defer(label: "b") { email name } } }'
    async with serving(graph=graph) as http:
        together = put_fragments_together(await fragments_of(http, query))
    assert [error["message"] for error in together["errors"]] == ["No email."]
    assert together["data"] == {"me": {"name": "Ada", "email": None}}


async def test_both_forms_come_to_the_same(http):
    query = """{ topProducts { name ... @defer { inStock shippingEstimate reviews { id ... @defer { body author {
      name } } } } } me { ... @defer { name reviews { product { name ... @defer { inStock } } } } } }"""
    _, _, whole = await post(http, {"query": query})
    of_the_draft = put_together(await parts_of(http, query))
    assert put_fragments_together(await fragments_of(http, query)) == of_the_draft
    assert (of_the_draft["data"], of_the_draft["errors"]) == (whole["data"], [])


async def test_introspection_below_comes_with_the_fragment_it_stands_in():
    graph = SmallGraph()
    graph.users.fault = lambda _request: {"data": {"again": {"__typename": "Query"}}}
    me = "me: User @join__field(graph: USERS)"
    supergraph = SUPERGRAPH.replace(me, f"{me}\n  again: Query @join__field(graph: USERS)")
    query = "{ ... @defer { again { __schema { queryType { name } } } } }"
    async with serving(graph=graph, supergraph_text=supergraph) as http:
        first, second = await fragments_of(http, query)
    assert first == {"data": {}, "hasNext": True}
    answered = {"again": {"__schema": {"queryType": {"name": "Query"}}}}
    assert second == {"incremental": [{"path": [], "data": answered}], "hasNext": False}


async def test_a_large_one_is_the_same():
    graph = SmallGraph()
    graph.users.roots["users"] = lambda _info: [
        {"id": f"u{number}", "name": "x" * 1_000, "email": None} for number in range(400)
    ]
    query = "{ users { name } ... @defer { users { id name } me { reviews { id } } } }"
    settings = Settings(rates=NO_RATES, limits=Limits(cost_max=1e9))
    async with serving(settings, graph=graph) as http:
        _, _, whole = await post(http, {"query": query})
        together = put_fragments_together(await fragments_of(http, query))
    assert together == {"data": whole["data"], "errors": [], "failed": []}


async def test_a_refusal_has_its_status(http):
    status, _, body = await post(http, {"query": "{ nothing ... @defer { me { id } } }"}, accept=OF_2022)
    assert (status, code_of(body)) == (400, "GRAPHQL_VALIDATION_FAILED")
