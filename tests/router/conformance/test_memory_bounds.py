"""Memory stays flat: supergraphs that were exchanged are gone, and operations of yesterday are forgotten."""

import gc
import threading
import tracemalloc
import weakref

import pytest
from graphql import parse

from router.api.read_request import GraphQLRequest
from router.core.limits import Limits
from router.core.settings import Settings
from router.engine import Engine
from router.executor.in_process import InProcessSubgraphClient
from router.main import plan_with_planner
from router.planner import Planner
from router.router import Router
from router.supergraph import load_supergraph
from tests.router.small_graph import SUPERGRAPH, SmallGraph

CACHED = 50


def make_router() -> Router:
    clients = {each.name: InProcessSubgraphClient(each.name, each) for each in SmallGraph().subgraphs}
    settings = Settings(limits=Limits(operations_cached_max=CACHED))
    return Router(settings, supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)


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
        sizes.append((len(router.engine._operations), len(router.engine._documents), len(router.engine._under_way)))
    assert sizes[-1] == (CACHED, CACHED, 0)
    await router.stop()


def test_what_the_planner_keeps_does_not_grow_with_operations(request: pytest.FixtureRequest) -> None:
    planner = Planner(load_supergraph(SUPERGRAPH))
    count = times(request, 150)

    def plan_many(label: str) -> None:
        for number in range(count):
            text = f"{{ topProducts {{ {label}{number}: name shippingEstimate reviews {{ author {{ name }} }} }} }}"
            document = parse(text, no_location=True)
            planner.plan(document, document.definitions[0])  # type: ignore[arg-type]  # it is an operation

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
