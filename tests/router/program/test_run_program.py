"""A program answers as long as nothing is unusual; then the interpreter goes on with the answers there are."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from tests.router.program.both_forms import figure, settled
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest, SubgraphResponse
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door.exact_json import copy_tree
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

QUERY = """
{ me { name reviews { body product { title: name inStock shippingEstimate } } }
  topProducts { upc reviews { author { name email } } } }
"""
SIX = ["inventory", "products", "products", "reviews", "users", "users"]
"""Who is asked for it."""


class Kept:
    """Answers as the subgraph behind it, and keeps what it answered."""

    def __init__(self, client: InProcessSubgraphClient) -> None:
        self._client = client
        self.kept: list[tuple[Any, Any]] = []

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        response = await self._client.send(request)
        self.kept.append((response.body, copy_tree(response.body)))
        return response

    async def close(self) -> None:
        await self._client.close()

    subscribe = None


def a_router(graph: SmallGraph, compile_after_uses: int = 1, **limits: Any) -> Router:
    clients = {each.name: Kept(InProcessSubgraphClient(each.name, each, each.listen)) for each in graph.subgraphs}
    given = Limits(compile_after_uses=compile_after_uses, **limits)
    return Router(Settings(limits=given), supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)


async def body_of(router: Router, query: str = QUERY) -> bytes:
    return orjson.dumps((await router.execute(GraphQLRequest(query))).body)


async def interpreted(graph: SmallGraph, query: str = QUERY, **limits: Any) -> bytes:
    return await body_of(a_router(graph, 0, **limits), query)


def requests_of(graph: SmallGraph) -> list[tuple[str, str, bytes]]:
    return sorted(
        (each.name, request.document, orjson.dumps(request.variables))
        for each in graph.subgraphs
        for request in each.requests
    )


async def test_a_program_answers_as_the_interpreter_does(graph: SmallGraph) -> None:
    router = a_router(graph)
    assert await body_of(router) == await interpreted(graph)
    assert figure(router, "router_programs_total") == {"written": 1}
    assert figure(router, "router_program_runs_total") == {"done": 1}


async def test_it_sends_what_the_interpreter_would_send(graph: SmallGraph) -> None:
    await body_of(a_router(graph))
    sent = requests_of(graph)
    for each in graph.subgraphs:
        each.requests.clear()
    await interpreted(graph)
    assert sent == requests_of(graph)


async def test_it_changes_nothing_that_was_answered(graph: SmallGraph) -> None:
    router = a_router(graph)
    await body_of(router)
    kept = [pair for client in router.engine.clients.values() for pair in client.client.kept]
    assert len(kept) >= 4
    assert all(body == before for body, before in kept)


@pytest.mark.parametrize(("compile_after_uses", "runs"), [(0, 0), (1, 5), (3, 2)])
async def test_the_setting_says_from_which_use_on(graph: SmallGraph, compile_after_uses: int, runs: int) -> None:
    router = a_router(graph, compile_after_uses)
    for _ in range(5):
        await body_of(router)
        await settled(router)
    assert figure(router, "router_program_runs_total") == ({"done": runs} if runs else {})


def with_error(request: SubgraphRequest, answer: Any) -> Any:
    return {**answer, "errors": [{"message": "odd", "path": None}]}


def without_data(request: SubgraphRequest, answer: Any) -> Any:
    return {"data": None, "errors": [{"message": "odd"}]}


def without_one_entity(request: SubgraphRequest, answer: Any) -> Any:
    return {"data": {key: value[1:] if isinstance(value, list) else value for key, value in answer["data"].items()}}


def of_numbers(request: SubgraphRequest, answer: Any) -> Any:
    return {"data": {key: [7] * len(value) if isinstance(value, list) else 7 for key, value in answer["data"].items()}}


def nothing(request: SubgraphRequest, answer: Any) -> Any:
    return None


def all_null(request: SubgraphRequest, answer: Any) -> Any:
    return {
        "data": {key: [None] * len(value) if isinstance(value, list) else None for key, value in answer["data"].items()}
    }


def hollow(request: SubgraphRequest, answer: Any) -> Any:
    return {
        "data": {
            key: [{} for _ in value] if isinstance(value, list) else {} if value else None
            for key, value in answer["data"].items()
        }
    }


FAULTS = [with_error, without_data, without_one_entity, of_numbers, nothing, all_null, hollow]


@pytest.mark.parametrize("subgraph", ["users", "products", "reviews", "inventory"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_goes_wrong_both_say_the_same_and_nothing_is_asked_twice(
    graph: SmallGraph, subgraph: str, fault: Callable[[SubgraphRequest, Any], Any]
) -> None:
    failing = getattr(graph, subgraph)

    async def answer(request: SubgraphRequest) -> Any:
        return fault(request, (await failing.run(request)).formatted)

    failing.fault = answer
    router = a_router(graph)
    answered = await body_of(router)
    sent = requests_of(graph)
    for each in graph.subgraphs:
        each.requests.clear()
    assert answered == await interpreted(graph)
    assert sent == requests_of(graph)
    assert sum(figure(router, "router_program_runs_total").values()) == 1


async def test_a_subgraph_that_fails_is_told_and_counted_once(graph: SmallGraph) -> None:
    def raises(_request: SubgraphRequest) -> Any:
        raise RuntimeError("away")

    graph.reviews.fault = raises
    router = a_router(graph)
    assert await body_of(router) == await interpreted(graph)
    assert figure(router, "router_program_runs_total") == {"failure": 1}
    counted = [
        (sample.labels["subgraph"], sample.labels["outcome"], sample.value)
        for family in router.metrics.registry.collect()
        if family.name == "router_subgraph_fetch_seconds"
        for sample in family.samples
        if sample.name.endswith("_count")
    ]
    assert sorted(counted) == [("products", "ok", 1), ("reviews", "SUBREQUEST_FAILED", 1), ("users", "ok", 1)]


async def test_the_log_is_told_once_for_each_reason(graph: SmallGraph) -> None:
    graph.users.fault = lambda _request: {"data": {"me": None}, "errors": [{"message": "odd", "path": ["me"]}]}
    router = a_router(graph)
    with capture_logs() as logs:
        for _ in range(3):
            await body_of(router, "{ me { name } }")
    assert [(each["event"], each["reason"]) for each in logs] == [
        ("a program gave up; the interpreter goes on", "errors")
    ]
    assert figure(router, "router_program_runs_total") == {"errors": 3}


async def test_a_request_under_way_is_waited_for_and_not_sent_again(graph: SmallGraph) -> None:
    """`users` fails while `products` has not answered yet."""
    may_answer = asyncio.Event()
    users_asked = asyncio.Event()

    async def late(request: SubgraphRequest) -> Any:
        await may_answer.wait()
        return (await graph.products.run(request)).formatted

    def wrong(_request: SubgraphRequest) -> Any:
        users_asked.set()
        return {"data": {"me": None}, "errors": [{"message": "odd", "path": ["me"]}]}

    graph.products.fault, graph.users.fault = late, wrong
    router = a_router(graph)
    answering = asyncio.create_task(body_of(router, "{ me { name } topProducts { upc } }"))
    await users_asked.wait()
    may_answer.set()
    body = orjson.loads(await answering)
    assert body["data"] == {"me": None, "topProducts": [{"upc": "p1"}, {"upc": "p2"}]}
    assert len(graph.products.requests) == len(graph.users.requests) == 1


async def test_who_leaves_ends_what_is_under_way(graph: SmallGraph) -> None:
    asked, was_cancelled = asyncio.Event(), asyncio.Event()

    async def never(_request: SubgraphRequest) -> Any:
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.set()
            raise

    graph.products.fault = never
    answering = asyncio.create_task(body_of(a_router(graph)))
    await asked.wait()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert was_cancelled.is_set()


async def test_more_entities_than_a_call_takes_go_in_several_requests(graph: SmallGraph) -> None:
    router = a_router(graph, representations_per_call_max=1)
    query = "{ topProducts { upc reviews { id } inStock } }"
    answered = await body_of(router, query)
    sent = requests_of(graph)
    for each in graph.subgraphs:
        each.requests.clear()
    assert answered == await interpreted(graph, query, representations_per_call_max=1)
    assert sent == requests_of(graph)
    assert len(graph.reviews.requests) == 2
    assert figure(router, "router_program_runs_total") == {"done": 1}


async def test_too_many_entities_are_refused_by_the_interpreter(graph: SmallGraph) -> None:
    router = a_router(graph, representations_max=1)
    query = "{ topProducts { upc inStock } }"
    assert await body_of(router, query) == await interpreted(graph, query, representations_max=1)
    assert figure(router, "router_program_runs_total") == {"too many": 1}


@pytest.mark.parametrize(("query", "reason"), [("{ __schema { queryType { name } } me { name } }", "introspection")])
async def test_for_some_operations_there_is_no_code_and_the_figures_say_why(
    graph: SmallGraph, query: str, reason: str
) -> None:
    router = a_router(graph)
    for _ in range(2):
        assert await body_of(router, query) == await interpreted(graph, query)
    assert figure(router, "router_programs_total") == {reason: 1}
    assert figure(router, "router_program_runs_total") == {}


async def test_what_would_take_too_much_code_has_none(graph: SmallGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trevo.program.module.FUNCTIONS_MAX", 3)
    router = a_router(graph)
    assert await body_of(router) == await interpreted(graph)
    assert figure(router, "router_programs_total") == {"large": 1}


async def test_code_that_fails_is_a_bug_that_the_log_hears_of_once(
    graph: SmallGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = a_router(graph)
    await body_of(router, "{ me { name } }")
    (program,) = [
        each.value
        for key, each in router.engine._cache._entries.items()
        if isinstance(key, tuple) and key[0] == "program"
    ]

    def fails(_tables: Any) -> Any:
        raise ZeroDivisionError

    program.project = fails
    with capture_logs() as logs:
        for _ in range(2):
            assert await body_of(router, "{ me { name } }") == b'{"data":{"me":{"name":"Ada"}}}'
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("a program failed; the interpreter goes on", "error")
    ]
    assert figure(router, "router_program_runs_total") == {"done": 1, "bug": 2}


@pytest.mark.parametrize("compile_after_uses", [0, 1])
async def test_a_request_that_somebody_else_cancelled_has_failed(graph: SmallGraph, compile_after_uses: int) -> None:
    def cancelled(_request: SubgraphRequest) -> Any:
        raise asyncio.CancelledError

    graph.products.fault = cancelled
    async with asyncio.timeout(20):
        body = orjson.loads(await body_of(a_router(graph, compile_after_uses), "{ me { name } topProducts { upc } }"))
    assert body["data"] == {"me": {"name": "Ada"}, "topProducts": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["SUBREQUEST_FAILED"]


async def test_after_it_has_given_up_nothing_more_is_sent_by_it(
    graph: SmallGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large answer is looked through in a thread, until the interpreter has asked what follows from it."""
    looking, asked, seen = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def beside(_size: int, _deadline: Any, work: Any) -> Any:
        looking.set()
        await asked.wait()
        seen.set()
        return work()

    async def wrong(_request: SubgraphRequest) -> Any:
        await looking.wait()
        return {"data": {"me": None}, "errors": [{"message": "odd", "path": ["me"]}]}

    async def stock(request: SubgraphRequest) -> Any:
        asked.set()
        await seen.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        return (await graph.inventory.run(request)).formatted

    monkeypatch.setattr("trevo.program.run_program.do_beside", beside)
    graph.users.fault, graph.inventory.fault = wrong, stock
    router = a_router(graph)
    body = orjson.loads(await body_of(router, "{ me { name } topProducts { upc inStock } }"))
    assert [each["inStock"] for each in body["data"]["topProducts"]] == [True, False]
    assert figure(router, "router_program_runs_total") == {"errors": 1}
    assert len(graph.inventory.requests) == 1
