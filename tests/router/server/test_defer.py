"""Answers in parts, over real HTTP: what comes when, and in which form."""

import pytest

from tests.router.read_parts import opened, parts_of, put_together
from tests.router.server.deferring import AT_ONCE, LATER, SLOW, Held
from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import SmallGraph


def documents_of(graph):
    return [(subgraph.name, request.document) for subgraph in graph.subgraphs for request in subgraph.requests]


async def test_the_first_part_is_there_before_what_is_deferred_has_come():
    graph = SmallGraph()
    held = Held(graph.reviews)
    async with serving(graph=graph) as http, opened(http, SLOW) as parts:
        assert await parts.next() == AT_ONCE
        assert parts.headers["content-type"] == 'multipart/mixed; boundary="-"'
        assert parts.headers["cache-control"] == "private, no-store"
        held.told.set()
        assert await parts.next() == LATER


async def test_who_names_the_form_is_told_it(http):
    async with opened(http, SLOW, accept="multipart/mixed;incrementalSpec=v0.2, application/json") as parts:
        assert parts.headers["content-type"] == 'multipart/mixed; boundary="-"; incrementalSpec=v0.2'
        assert await parts.all() == [AT_ONCE, LATER]


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/json",
        "multipart/mixed;q=0, application/json",
        "application/json, multipart/mixed;q=0.1",
        "multipart/mixed;deferSpec=20200101, application/json",
        "multipart/mixed;incrementalSpec=v0.1, application/json",
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json",
    ],
)
async def test_who_does_not_take_parts_gets_the_whole_answer(http, accept):
    _, headers, body = await post(http, {"query": SLOW}, accept=accept)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert body == {"data": {"me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]}}}


async def test_who_takes_an_unknown_form_alone_is_refused(http):
    status, _, body = await post(http, {"query": SLOW}, accept="multipart/mixed;deferSpec=20200101")
    assert (status, code_of(body)) == (406, "NOT_ACCEPTABLE")


async def test_who_takes_parts_alone_gets_one_where_nothing_is_deferred(http):
    assert await parts_of(http, "{ me { name } }") == [{"data": {"me": {"name": "Ada"}}, "hasNext": False}]
    (refused,) = await parts_of(http, "{ nothing }")
    assert (code_of(refused), refused["hasNext"]) == ("GRAPHQL_VALIDATION_FAILED", False)


async def test_who_takes_both_gets_what_is_not_deferred_in_one_piece(http):
    _, headers, body = await post(http, {"query": "{ me { name } }"}, accept="multipart/mixed, application/json")
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert body == {"data": {"me": {"name": "Ada"}}}


@pytest.mark.parametrize(
    ("declared", "condition", "variables"),
    [
        ("", "if: false", {}),
        ("($later: Boolean! = false)", "if: $later", {"later": False}),
        ("($later: Boolean! = false)", "if: $later", {}),
    ],
)
async def test_what_is_not_deferred_after_all_comes_whole(http, declared, condition, variables):
    query = f"query {declared} {{ me {{ name @include(if: true) ... @defer({condition}) {{ email }} }} }}"
    accept = "multipart/mixed, application/json"
    _, headers, body = await post(http, {"query": query, "variables": variables}, accept=accept)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert body == {"data": {"me": {"name": "Ada", "email": "ada@example.org"}}}


async def test_a_variable_says_whether_it_is_deferred(http):
    query = "query ($later: Boolean!) { me { name ... @defer(if: $later) { email } } }"
    first, second = await parts_of(http, query, variables={"later": True})
    assert first == {"data": {"me": {"name": "Ada"}}, "pending": [{"id": "0", "path": ["me"]}], "hasNext": True}
    assert second["incremental"] == [{"id": "0", "data": {"email": "ada@example.org"}}]


async def test_a_variable_that_decides_it_must_not_be_null(http):
    query = "query ($later: Boolean = true) { me { name ... @defer(if: $later) { email } } }"
    (refused,) = await parts_of(http, query, variables={"later": None})
    assert code_of(refused) == "BAD_USER_INPUT"


async def test_conditions_beside_it_hold(http):
    query = """query ($no: Boolean!) { me { name
      ... @defer @include(if: $no) { email }
      ... @defer { reviews @skip(if: $no) { id body @include(if: $no) } } } }"""
    parts = await parts_of(http, query, variables={"no": False})
    assert put_together(parts)["data"] == {"me": {"name": "Ada", "reviews": [{"id": "r1"}, {"id": "r3"}]}}
    assert parts[0]["data"] == {"me": {"name": "Ada"}}


async def test_each_object_of_a_list_is_told_apart(http):
    parts = await parts_of(http, "{ users { name ...More @defer } } fragment More on User { reviews { id } }")
    assert parts[0]["pending"] == [{"id": "0", "path": ["users", 0]}, {"id": "1", "path": ["users", 1]}]
    assert parts[1]["incremental"] == [
        {"id": "0", "data": {"reviews": [{"id": "r1"}, {"id": "r3"}]}},
        {"id": "1", "data": {"reviews": [{"id": "r2"}]}},
    ]
    assert parts[1]["completed"] == [{"id": "0"}, {"id": "1"}]


async def test_a_fragment_in_a_fragment_is_announced_when_that_has_come():
    graph = SmallGraph()
    held = Held(graph.inventory)
    query = """{ me { name ... @defer(label: "a") { reviews { body product {
      upc ... @defer(label: "b") { inStock } } } } } }"""
    async with serving(graph=graph) as http, opened(http, query) as parts:
        first, second = await parts.next(), await parts.next()
        assert [each["label"] for each in first["pending"]] == ["a"]
        assert [each["path"] for each in second["pending"]] == [["me", "reviews", n, "product"] for n in (0, 1)]
        assert second["completed"] == [{"id": "0"}]
        held.told.set()
        third = await parts.next()
        assert [each["data"] for each in third["incremental"]] == [{"inStock": True}, {"inStock": False}]


async def test_a_field_that_is_selected_outside_comes_at_once_and_once(http):
    parts = await parts_of(http, "{ me { name reviews { id } ... @defer { name reviews { id body } } } }")
    assert parts[0]["data"] == {"me": {"name": "Ada", "reviews": [{"id": "r1"}, {"id": "r3"}]}}
    assert parts[1]["incremental"] == [
        {"id": "0", "subPath": ["reviews", 0], "data": {"body": "good"}},
        {"id": "0", "subPath": ["reviews", 1], "data": {"body": "fine"}},
    ]


async def test_what_two_fragments_want_comes_once():
    graph = SmallGraph()
    query = """{ me { name ... @defer(label: "a") { reviews { id } email }
      ... @defer(label: "b") { reviews { id } } } }"""
    async with serving(graph=graph) as http:
        parts = await parts_of(http, query)
    assert put_together(parts)["data"]["me"]["reviews"] == [{"id": "r1"}, {"id": "r3"}]
    assert len(graph.reviews.requests) == 1


async def test_an_empty_fragment_is_not_announced(http):
    query = "{ me { name ... @defer { name } ... @defer { email @include(if: false) } } }"
    assert await parts_of(http, query) == [{"data": {"me": {"name": "Ada"}}, "hasNext": False}]


async def test_subgraphs_are_asked_once_and_never_told_of_it():
    graph = SmallGraph()
    async with serving(graph=graph) as http:
        await parts_of(http, "{ topProducts { name inStock ... @defer { shippingEstimate } } }")
    documents = documents_of(graph)
    assert len(documents) == len(set(documents)) == 3
    assert not any("defer" in document for _, document in documents)


async def test_what_a_mutation_defers_is_asked_for_after_all_it_changes():
    graph = SmallGraph()
    query = """mutation { one: rename(id: "u1", name: "Eva") { ... @defer { reviews { id } } }
      two: rename(id: "u2", name: "Leo") { name } }"""
    order = []
    for subgraph in (graph.users, graph.reviews):

        async def answer(request, subgraph=subgraph):
            order.append(subgraph.name)
            return (await subgraph.run(request)).formatted

        subgraph.fault = answer
    async with serving(graph=graph) as http:
        parts = await parts_of(http, query)
    assert order == ["users", "users", "reviews"]
    assert parts[0]["data"] == {"one": {}, "two": {"name": "Leo"}}
    assert put_together(parts)["data"]["one"] == {"reviews": [{"id": "r1"}, {"id": "r3"}]}


async def test_introspection_shows_it(http):
    query = "{ __schema { directives { name locations args { name defaultValue } } } }"
    _, _, body = await post(http, {"query": query})
    (defer,) = [each for each in body["data"]["__schema"]["directives"] if each["name"] == "defer"]
    assert defer["locations"] == ["FRAGMENT_SPREAD", "INLINE_FRAGMENT"]
    assert defer["args"] == [{"name": "if", "defaultValue": "true"}, {"name": "label", "defaultValue": None}]


async def test_what_is_answered_here_is_not_deferred(http):
    query = """{ ... @defer { __schema { ...S @defer } me { name } } } fragment S on __Schema { queryType { name } }"""
    first, second = await parts_of(http, query)
    assert first["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert second["incremental"] == [{"id": "0", "data": {"me": {"name": "Ada"}}}]
