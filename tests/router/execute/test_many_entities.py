"""More entities than a subgraph takes in one call are asked for in several, and it does not show."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.router.small_graph import SUPERGRAPH, SmallGraph, failing
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits, SubgraphLimits
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

QUERY = "{ topProducts(first: 10000) { upc reviews { body } } }"


def stock(graph: SmallGraph, count: int) -> None:
    """*count* products, each with one review."""
    graph.products.roots["topProducts"] = lambda _info, first: [{"upc": f"p{n}"} for n in range(count)][:first]
    graph.reviews.entities["Product"] = lambda key: {"upc": key["upc"], "reviews": [{"body": f"of {key['upc']}"}]}


@asynccontextmanager
async def asking(graph: SmallGraph, **limits: Any) -> AsyncIterator[Callable[[str], Any]]:
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    settings = Settings(limits=Limits(**limits))
    router = Router(settings, supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)

    async def ask(query: str) -> dict[str, Any]:
        return (await router.execute(GraphQLRequest(query))).body

    try:
        yield ask
    finally:
        await router.stop()


def sizes(graph: SmallGraph) -> list[int]:
    """How many entities each request to reviews was for."""
    return [len(value) for request in graph.reviews.requests for value in request.variables.values()]


async def test_two_and_a_half_thousand_entities_come_in_three_calls(graph: SmallGraph) -> None:
    stock(graph, 2_500)
    async with asking(graph) as ask:
        assert await ask(QUERY) == {
            "data": {"topProducts": [{"upc": f"p{n}", "reviews": [{"body": f"of p{n}"}]} for n in range(2_500)]}
        }
    assert sizes(graph) == [1_000, 1_000, 500]


async def test_as_many_as_one_call_takes_are_one_call(graph: SmallGraph) -> None:
    stock(graph, 3)
    async with asking(graph, representations_per_call_max=3) as ask:
        assert len((await ask(QUERY))["data"]["topProducts"]) == 3
    assert sizes(graph) == [3]


async def test_a_subgraph_may_take_fewer_than_the_others(graph: SmallGraph) -> None:
    stock(graph, 3)
    async with asking(graph, subgraphs={"reviews": SubgraphLimits(representations_per_call_max=2)}) as ask:
        await ask(QUERY)
        await ask("{ topProducts(first: 3) { upc inStock } }")
    assert sizes(graph) == [2, 1]
    assert [len(next(iter(each.variables.values()))) for each in graph.inventory.requests] == [3]


async def test_the_calls_are_under_way_at_the_same_time(graph: SmallGraph) -> None:
    stock(graph, 3)
    all_there = asyncio.Barrier(3)

    async def wait_for_the_others(request: Any) -> Any:
        await all_there.wait()
        return (await graph.reviews.run(request)).formatted

    graph.reviews.fault = wait_for_the_others
    async with asking(graph, representations_per_call_max=1) as ask, asyncio.timeout(10):
        assert "errors" not in await ask(QUERY)


async def test_a_call_that_fails_costs_its_own_entities_only(graph: SmallGraph) -> None:
    stock(graph, 5)

    async def refuse_the_second(request: Any) -> Any:
        if request.variables and {"__typename": "Product", "upc": "p2"} in next(iter(request.variables.values())):
            raise RuntimeError("out of memory")
        return (await graph.reviews.run(request)).formatted

    graph.reviews.fault = refuse_the_second
    async with asking(graph, representations_per_call_max=2) as ask:
        answer = await ask(QUERY)
    assert [product["reviews"] for product in answer["data"]["topProducts"]] == [
        [{"body": "of p0"}], [{"body": "of p1"}], None, None, [{"body": "of p4"}],
    ]  # fmt: skip
    assert [(each["path"], each["extensions"]["code"]) for each in answer["errors"]] == [
        (["topProducts", 2, "reviews"], "SUBREQUEST_FAILED"),
        (["topProducts", 3, "reviews"], "SUBREQUEST_FAILED"),
    ]


async def test_an_error_of_one_entity_is_placed_by_its_place_in_the_whole(graph: SmallGraph) -> None:
    stock(graph, 5)
    fine = graph.reviews.entities["Product"]
    graph.reviews.entities["Product"] = lambda key: failing("gone")() if key["upc"] == "p3" else fine(key)
    async with asking(graph, representations_per_call_max=2) as ask:
        answer = await ask(QUERY)
    assert [each["path"] for each in answer["errors"]] == [["topProducts", 3]]
    assert [product["reviews"] is None for product in answer["data"]["topProducts"]] == [
        False, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("per_call", [1, 1_000])
async def test_all_calls_together_have_a_bound(graph: SmallGraph, per_call: int) -> None:
    stock(graph, 3)
    async with asking(graph, representations_max=2, representations_per_call_max=per_call) as ask:
        answer = await ask(QUERY)
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"TOO_MANY_ENTITIES"}
    assert graph.reviews.requests == []
