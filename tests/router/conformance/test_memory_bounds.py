"""Memory stays flat: supergraphs that were exchanged are gone, and operations of yesterday are forgotten."""

import gc
import threading
import tracemalloc
import weakref
from typing import Any

import pytest

from tests.router.operation_tree import tree_of
from tests.router.small_graph import SUPERGRAPH, SmallGraph, SmallSubgraph
from trevo.clients.in_process import Answer, InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.execute.prepare import PreparedPlan
from trevo.gateway.engine import Engine
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.gateway.working_out import ENTRIES_PER_OPERATION
from trevo.main import plan_with_planner
from trevo.operation.variables import read_variables
from trevo.planner import Planner
from trevo.supergraph import load_supergraph

CACHED = 50
OWN = ("trevo.", "graphql.")


def make_router(limits: Limits | None = None) -> Router:
    graph = SmallGraph()
    clients = {each.name: InProcessSubgraphClient(each.name, _forgetful(each)) for each in graph.subgraphs}
    settings = Settings(limits=limits or Limits(operations_cached_max=CACHED))
    return Router(settings, supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)


def _forgetful(subgraph: SmallSubgraph) -> Answer:
    """*subgraph* without its memory of what it was asked."""

    async def answer(request: SubgraphRequest) -> Any:
        found = await subgraph(request)
        subgraph.requests.clear()
        return found

    return answer


def objects() -> tuple[int, int]:
    """How many there are that could hold others, and how many of these are the router's and graphql-core's own."""
    gc.collect()
    found = gc.get_objects()
    return len(found), sum(str(type(one).__module__).startswith(OWN) for one in found)


def times(request: pytest.FixtureRequest, in_suite: int) -> int:
    """More of the same under `--fuzz`."""
    return max(in_suite, request.config.getoption("--fuzz", default=None) or 0)


async def test_exchanged_supergraphs_are_gone(request: pytest.FixtureRequest) -> None:
    router = make_router()
    engines: list[weakref.ref[Engine]] = []
    for number in range(times(request, 100)):
        result = await router.execute(GraphQLRequest(f"{{ me {{ a{number}: name reviews {{ body }} }} }}"))
        assert result.body["data"]["me"][f"a{number}"] == "Ada"
        engines.append(weakref.ref(router.engine))
        assert await router.reload(f"{SUPERGRAPH}\n# {number}")
    gc.collect()
    assert [engine for engine in engines if engine() is not None] == []
    await router.stop()
    workers = [thread for thread in threading.enumerate() if thread.name.startswith("router-planning")]
    for worker in workers:
        worker.join(10)
    assert [worker for worker in workers if worker.is_alive()] == []


async def test_operations_of_long_ago_are_forgotten(request: pytest.FixtureRequest) -> None:
    router = make_router()
    sizes = []
    for number in range(times(request, 4 * CACHED)):
        result = await router.execute(GraphQLRequest(f"{{ me {{ a{number}: name reviews {{ body }} }} }}"))
        assert result.body["data"]["me"][f"a{number}"] == "Ada"
        sizes.append((len(router.engine._cache), len(router.engine._working.under_way)))
    assert sizes[-1] == (CACHED * ENTRIES_PER_OPERATION, 0)
    await router.stop()


async def test_operations_that_come_once_take_little_and_push_out_none_that_come_again() -> None:
    once_bytes_max = 200_000
    router = make_router(Limits(cached_once_bytes_max=once_bytes_max))
    again = GraphQLRequest("{ me { name reviews { body } } }")
    for _ in range(2):
        assert (await router.execute(again)).body["data"]["me"]["name"] == "Ada"
    cache = router.engine._cache
    known = cache.weight
    for number in range(100):
        result = await router.execute(GraphQLRequest(f"{{ me {{ a{number}: name reviews {{ body }} }} }}"))
        assert result.body["data"]["me"][f"a{number}"] == "Ada"
    plans = _plans_in(router)
    assert known < cache.weight <= known + once_bytes_max
    assert (await router.execute(again)).body["data"]["me"]["name"] == "Ada"
    assert _plans_in(router) == plans
    await router.stop()


async def test_however_many_operations_come_round_each_is_planned_twice_at_most() -> None:
    router = make_router(Limits(cached_once_bytes_max=200_000))
    kept = []
    for _ in range(3):
        for number in range(100):
            await router.execute(GraphQLRequest(f"{{ me {{ a{number}: name reviews {{ body }} }} }}"))
        kept.append(_plans_in(router))
    assert len(kept[0]) < 100 == len(kept[1])
    assert kept[2] == kept[1]
    await router.stop()


async def test_who_counts_root_fields_does_not_ask_again_for_what_the_request_then_needs() -> None:
    router = make_router(Limits())
    engine = router.engine
    prepared = await engine.prepare("{ me { name reviews { body } } }", None)
    variables = read_variables(engine.schema, prepared.tree, {}, Limits())
    assert engine.root_fields(prepared, variables) == ("Query.me",)
    await engine.plan(prepared, prepared.whole, variables, frozenset())
    assert len(engine._cache._once) == len(engine._cache) == 3
    assert engine.root_fields(prepared, variables) == ("Query.me",)
    assert len(engine._cache._once) == 3
    await router.stop()


def _plans_in(router: Router) -> set[int]:
    """Those that are kept, by identity."""
    return {id(each.value) for each in router.engine._cache._entries.values() if isinstance(each.value, PreparedPlan)}


async def test_different_operations_leave_nothing_behind(request: pytest.FixtureRequest) -> None:
    router = make_router()
    count = times(request, 4 * CACHED)
    counts = []
    for first in (0, count):
        for number in range(first, first + count):
            result = await router.execute(GraphQLRequest(f"{{ me {{ a{number}: name reviews {{ body }} }} }}"))
            assert result.body["data"]["me"][f"a{number}"] == "Ada"
        counts.append(objects())
    # The caches were full before the second half. Whatever else lives in this process makes a few objects meanwhile.
    assert counts[1][0] - counts[0][0] < count
    assert counts[1][1] - counts[0][1] < count // 10
    await router.stop()


async def test_reloads_leave_nothing_behind(request: pytest.FixtureRequest) -> None:
    router = make_router()
    count = times(request, 50)
    counts = []
    for first in (0, count):
        for number in range(first, first + count):
            assert await router.reload(f"{SUPERGRAPH}\n# {number}")
            result = await router.execute(GraphQLRequest("{ me { name reviews { body } } }"))
            assert result.body["data"]["me"]["name"] == "Ada"
        counts.append(objects())
    assert counts[1][0] - counts[0][0] < count // 2
    assert counts[1][1] - counts[0][1] < count // 10
    await router.stop()


def test_what_the_planner_keeps_does_not_grow_with_operations(request: pytest.FixtureRequest) -> None:
    planner = Planner(load_supergraph(SUPERGRAPH))
    count = times(request, 150)

    def plan_many(label: str) -> None:
        for number in range(count):
            text = f"{{ topProducts {{ {label}{number}: name shippingEstimate reviews {{ author {{ name }} }} }} }}"
            planner.plan(tree_of(text))

    tracemalloc.start()
    try:
        plan_many("warm")
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        plan_many("more")
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Less than a hundred bytes for an operation: nothing of it is kept.
    assert after - before < 100 * count
