"""Answers in parts, over real HTTP: what comes when, in which form, and what is said of failures."""

import asyncio
import re

import pytest

from tests.router.read_parts import MULTIPART, opened, parts_of, put_together
from tests.router.server.http_client import code_of, post, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph, failing
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.extensions.extension import Extension

SLOW = '{ me { name ... @defer(label: "voices") { reviews { body } } } }'
AT_ONCE = {
    "data": {"me": {"name": "Ada"}},
    "pending": [{"id": "0", "path": ["me"], "label": "voices"}],
    "hasNext": True,
}
LATER = {
    "incremental": [{"id": "0", "data": {"reviews": [{"body": "good"}, {"body": "fine"}]}}],
    "completed": [{"id": "0"}],
    "hasNext": False,
}
NO_RATES = Rates(enabled=False)


class Held:
    """A subgraph that answers when it is told to."""

    def __init__(self, subgraph):
        self.subgraph = subgraph
        self.asked, self.told = asyncio.Event(), asyncio.Event()
        self.was_cancelled = asyncio.Event()
        subgraph.fault = self.answer

    async def answer(self, request):
        self.asked.set()
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.was_cancelled.set()
            raise
        return (await self.subgraph.run(request)).formatted


class Ended:
    """Waits until an answer in parts has ended."""

    def __init__(self, metrics):
        self.is_told = asyncio.Event()
        self.counter = metrics.responses_in_parts
        metrics.responses_in_parts = self

    def labels(self, reason):
        self.counter.labels(reason).inc()
        self.is_told.set()
        return self.counter.labels("of the test")


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
        "multipart/mixed;deferSpec=20220824, application/json",
        "multipart/mixed;incrementalSpec=v0.1, application/json",
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json",
    ],
)
async def test_who_does_not_take_parts_gets_the_whole_answer(http, accept):
    _, headers, body = await post(http, {"query": SLOW}, accept=accept)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert body == {"data": {"me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]}}}


async def test_who_takes_an_unknown_form_alone_is_refused(http):
    status, _, body = await post(http, {"query": SLOW}, accept="multipart/mixed;deferSpec=20220824")
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
    ("condition", "variables"), [("if: false", {}), ("if: $later", {"later": False}), ("if: $later", {})]
)
async def test_what_is_not_deferred_after_all_comes_whole(http, condition, variables):
    query = (
        f"query ($later: Boolean! = false) {{ me {{ name @include(if: true) ... @defer({condition}) {{ email }} }} }}"
    )
    query = (
        query if "$later:" in query and "$later)" in query else query.replace("query ($later: Boolean! = false) ", "")
    )
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


async def test_an_error_of_a_deferred_part_comes_with_it(graph_failing_reviews):
    async with serving(graph=graph_failing_reviews) as http:
        first, second = await parts_of(http, SLOW)
    assert first == AT_ONCE
    ((error,),) = [each["errors"] for each in second["incremental"]]
    assert second["incremental"][0]["data"] == {"reviews": None}
    assert (error["path"], error["extensions"]["code"]) == (["me", "reviews"], "SUBREQUEST_FAILED")


@pytest.fixture
def graph_failing_reviews():
    def fail(_request):
        raise SubgraphFailed("The subgraph 'reviews' answered 500.", code="SUBREQUEST_HTTP_ERROR")

    graph = SmallGraph()
    graph.reviews.fault = fail
    return graph


async def test_an_error_of_the_first_part_is_not_told_again():
    graph = SmallGraph()
    graph.users.roots["me"] = lambda _info: {"id": "u1", "name": "Ada", "email": failing("No email.")}
    async with serving(graph=graph) as http:
        parts = await parts_of(http, "{ me { name email ... @defer { reviews { id } } } }")
    assert [error["message"] for error in parts[0]["errors"]] == ["No email."]
    assert len(put_together(parts)["errors"]) == 1


async def test_a_null_that_goes_to_the_top_of_a_fragment_fails_it_alone():
    def fail(_request):
        raise SubgraphFailed("The subgraph 'inventory' answered 500.", code="SUBREQUEST_HTTP_ERROR")

    graph = SmallGraph()
    graph.inventory.fault = fail
    query = """{ product(upc: "p1") { name ... @defer(label: "stock") { inStock kind }
      ... @defer(label: "voices") { reviews { id } } } }"""
    async with serving(graph=graph) as http:
        parts = await parts_of(http, query)
    together = put_together(parts)
    assert together["data"] == {"product": {"name": "Chair", "reviews": [{"id": "r1"}, {"id": "r2"}]}}
    assert [each["label"] for each in together["failed"]] == ["stock"]
    assert [error["path"] for error in together["errors"]] == [["product", "inStock"]]


async def test_a_subgraph_that_hangs_ends_its_fragment_at_the_deadline():
    graph = SmallGraph()
    Held(graph.reviews)
    settings = Settings(rates=NO_RATES, limits=Limits(deadline_seconds=0.6))
    async with serving(settings, graph=graph) as http:
        first, second = await parts_of(http, SLOW)
    assert first == AT_ONCE
    assert [error["extensions"]["code"] for error in second["incremental"][0]["errors"]] == ["SUBREQUEST_TIMEOUT"]


async def test_a_client_that_leaves_ends_what_is_open():
    graph = SmallGraph()
    held = Held(graph.reviews)
    async with serving(graph=graph) as http:
        async with opened(http, SLOW) as parts:
            await parts.next()
            async with asyncio.timeout(5):
                await held.asked.wait()
        async with asyncio.timeout(5):
            await held.was_cancelled.wait()


async def test_a_mutation_whose_client_left_early_is_not_asked_for_what_it_defers():
    graph = SmallGraph()
    held = Held(graph.users)
    query = 'mutation { rename(id: "u1", name: "Eva") { name ... @defer { reviews { id } } } }'
    async with serving(graph=graph) as http:
        ended, gone = Ended(http.router.metrics), GoneNoticed(http.router.metrics)
        asking = asyncio.create_task(parts_of(http, query))
        async with asyncio.timeout(10):
            await held.asked.wait()
            asking.cancel()
            await gone.is_told.wait()
            held.told.set()
            await ended.is_told.wait()
        assert b'reason="client gone"} 1.0' in http.router.metrics.text()


class GoneNoticed:
    """Waits until a client's leaving has been noticed."""

    def __init__(self, metrics):
        self.is_told = asyncio.Event()
        self.counter = metrics.cancelled
        metrics.cancelled = self

    def inc(self):
        self.counter.inc()
        self.is_told.set()


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


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('{ me { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }', "must be unique"),
        ("query ($l: String) { me { ... @defer(label: $l) { id } } }", "must be a static string"),
        ('mutation { ... @defer { rename(id: "u1", name: "x") { id } } }', "root mutation type"),
        ("subscription { reviewAdded { ... @defer { id } } }", "not supported on subscription"),
        ("{ me { name @defer } }", "may not be used on field"),
    ],
)
async def test_where_it_may_not_stand_it_is_refused(http, query, message):
    _, _, body = await post(http, {"query": query})
    assert code_of(body) == "GRAPHQL_VALIDATION_FAILED"
    assert message in body["errors"][0]["message"]


async def test_more_fragments_than_the_bound_are_refused():
    query = "{ me { ...F @defer } users { ...F @defer } } fragment F on User { ... @defer { email } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferrals_max=3))) as http:
        (refused,) = await parts_of(http, query)
        assert code_of(refused) == "QUERY_TOO_MANY_DEFERRALS"
        _, _, whole = await post(http, {"query": query})
        assert whole["data"]["me"] == {"email": "ada@example.org"}
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferrals_max=4))) as http:
        assert put_together(await parts_of(http, query))["data"] == whole["data"]


async def test_more_places_than_the_bound_come_whole():
    query = "{ users { name ... @defer { reviews { id } } } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferred_places_max=1))) as http:
        (whole,) = await parts_of(http, query)
        _, headers, body = await post(http, {"query": query}, accept=f"{MULTIPART}, application/json")
    assert whole == {**body, "hasNext": False}
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert body["data"]["users"][1] == {"name": "Bob", "reviews": [{"id": "r2"}]}


async def test_all_parts_together_tell_so_many_errors():
    def fail(_request):
        raise SubgraphFailed("The subgraph 'inventory' answered 500.", code="SUBREQUEST_HTTP_ERROR")

    graph = SmallGraph()
    graph.inventory.fault = fail
    query = "{ topProducts { name ... @defer { inStock } } me { ... @defer { id } } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(errors_max=1)), graph=graph) as http:
        parts = await parts_of(http, query)
    completed = [each for part in parts[1:] for each in part["completed"] if "errors" in each]
    told = [[error["extensions"]["code"] for error in each["errors"]] for each in completed]
    assert told == [["SUBREQUEST_FAILED"], ["TOO_MANY_ERRORS"]]


class Watching(Extension):
    """Keeps what it is told, and adds to it."""

    def __init__(self):
        self.responses = []

    def on_response(self, response):
        self.responses.append(response)
        response.extensions["seen"] = response.parts


async def test_extensions_see_all_parts_and_add_to_the_last(graph_failing_reviews):
    watching = Watching()
    async with serving(graph=graph_failing_reviews, extensions=[watching]) as http:
        first, second = await parts_of(http, SLOW)
    assert ("extensions" not in first, second["extensions"]) == (True, {"seen": 2})
    (response,) = watching.responses
    assert (response.outcome, response.parts) == ("errors", 2)
    assert [error["path"] for error in response.errors] == [["me", "reviews"]]


class Unwritable:
    """A value that is written once, as a subgraph's answer is measured, and never again."""

    written = 0

    def __str__(self):
        self.written += 1
        if self.written > 1:
            raise TypeError
        return "x"


@pytest.mark.parametrize("where", ["first", "later", "single"])
async def test_what_cannot_be_written_ends_the_answer(where):
    graph = SmallGraph()
    good = {"id": "u1", "name": "Ada", "email": None}
    graph.users.fault = lambda _request: {"data": {"me": {"__typename": "User", **good, "any": Unwritable()}}}
    supergraph = (
        SUPERGRAPH.replace("email: String", "email: String any: Any", 1) + "\nscalar Any @join__type(graph: USERS)"
    )
    query = {
        "first": "{ me { any ... @defer { name } } }",
        "later": "{ me { name ... @defer { any } } }",
        "single": "{ me { any } }",
    }[where]
    async with serving(graph=graph, supergraph_text=supergraph) as http:
        parts = await parts_of(http, query)
    (ending,) = parts[-1].get("completed", parts[-1:])
    assert (code_of(ending), parts[-1]["hasNext"]) == ("INTERNAL_SERVER_ERROR", False)
    assert len(parts) == (2 if where == "later" else 1)


async def test_a_fragment_that_is_spread_twice_is_one():
    query = "{ me { name ...F @defer ...F @defer } me { ...F @defer } } fragment F on User { reviews { id } }"
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferrals_max=1))) as http:
        first, second = await parts_of(http, query)
    assert first["pending"] == [{"id": "0", "path": ["me"]}]
    assert second["completed"] == [{"id": "0"}]


async def test_where_more_conditions_than_may_be_decide_it_comes_whole():
    query = "query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) ... @defer(if: $b) { name } } }"
    variables = {"a": False, "b": True}
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferring_conditions_max=1))) as http:
        whole = await parts_of(http, query, variables=variables)
    async with serving(Settings(rates=NO_RATES, limits=Limits(deferring_conditions_max=2))) as http:
        assert len(await parts_of(http, query, variables=variables)) == 2
    assert whole == [{"data": {"me": {"id": "u1", "name": "Ada"}}, "hasNext": False}]


async def test_where_no_condition_defers_nothing_is_planned_anew():
    query = "query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) ... @defer(if: $b) { name } } }"
    async with serving() as http:
        for skip in (False, True):
            await parts_of(http, query, variables={"a": skip, "b": False})
        figures = http.router.metrics.text()
    assert re.findall(rb'router_operation_cache_total.result="miss",stage="plan". (.*)', figures) == [b"1.0"]


async def test_no_program_is_written_for_what_comes_in_parts():
    async with serving(Settings(rates=NO_RATES, limits=Limits(compile_after_uses=1))) as http:
        for _ in range(3):
            await parts_of(http, SLOW)
        assert b'router_programs_total{result="written"}' not in http.router.metrics.text()


async def test_a_label_has_a_length():
    query = '{ me { ... @defer(label: "abcde") { id } } }'
    async with serving(Settings(rates=NO_RATES, limits=Limits(name_characters_max=4))) as http:
        (refused,) = await parts_of(http, query)
        assert code_of(refused) == "NAME_TOO_LONG"
        first, _ = await parts_of(http, query.replace("abcde", "abcd"))
        assert first["pending"][0]["label"] == "abcd"


async def test_variables_that_decide_it_count_as_conditions():
    settings = Settings(rates=NO_RATES, limits=Limits(conditions_max=1))
    query = "query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) ... @defer(if: $b) { name } } }"
    async with serving(settings) as http:
        _, _, body = await post(http, {"query": query, "variables": {"a": False, "b": False}})
    assert code_of(body) == "QUERY_TOO_MANY_CONDITIONS"


async def test_switched_off_there_is_no_such_directive():
    async with serving(Settings(rates=NO_RATES, defer=False)) as http:
        _, _, body = await post(http, {"query": SLOW}, accept=f"{MULTIPART}, application/json")
        assert body["errors"][0]["message"] == "Unknown directive '@defer'."
        status, _, _ = await post(http, {"query": "{ me { name } }"}, accept=MULTIPART)
        assert status == 406


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


async def test_a_reader_that_takes_nothing_is_let_go():
    graph = SmallGraph()
    many = [{"id": f"u{number}", "name": "x" * 10_000, "email": None} for number in range(3_000)]
    graph.users.roots["users"] = lambda _info: many
    held = Held(graph.reviews)
    settings = Settings(rates=NO_RATES, limits=Limits(part_send_seconds_max=0.2, cost_max=1e9))
    query = "{ users { name } me { ... @defer { reviews { id } } } }"
    async with serving(settings, graph=graph) as http:
        ended = Ended(http.router.metrics)
        async with opened(http, query):
            held.told.set()
            async with asyncio.timeout(20):
                await ended.is_told.wait()
        assert b'reason="client too slow"} 1.0' in http.router.metrics.text()


async def test_figures_say_how_it_ended():
    async with serving() as http:
        await parts_of(http, SLOW)
        figures = http.router.metrics.text()
    assert b'router_responses_in_parts_total{reason="complete"} 1.0' in figures
    assert b"router_first_part_seconds_count 1.0" in figures
