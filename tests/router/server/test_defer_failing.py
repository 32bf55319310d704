"""Answers in parts, over real HTTP: what fails, who leaves, and who is told of it."""

import asyncio

import pytest

from tests.router.read_parts import opened, parts_of, put_together
from tests.router.server.deferring import AT_ONCE, NO_RATES, SLOW, Ended, Held
from tests.router.server.http_client import code_of, serving
from tests.router.small_graph import SUPERGRAPH, SmallGraph, failing
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.extensions.extension import Extension


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
    settings = Settings(rates=NO_RATES, limits=Limits(deadline_seconds=2))
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
            async with asyncio.timeout(20):
                await held.asked.wait()
        async with asyncio.timeout(20):
            await held.was_cancelled.wait()


class GoneNoticed:
    """Waits until a client's leaving has been noticed."""

    def __init__(self, metrics):
        self.is_told = asyncio.Event()
        self.counter = metrics.cancelled
        metrics.cancelled = self

    def inc(self):
        self.counter.inc()
        self.is_told.set()


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
