"""What is not asked for because of a condition is missing for nobody: the program goes on as the interpreter does."""

from itertools import product
from typing import Any

import orjson
import pytest

from tests.router.program.both_forms import figure, settled
from tests.router.program.test_run_program import a_router
from tests.router.small_graph import SmallGraph
from trevo.gateway.request import GraphQLRequest

KEY = "upc @include(if: $b) reviews @include(if: $a) { id } r: reviews @include(if: $b) { body }"
OTHER_KEY = "name r: reviews @include(if: $a) { id } s: reviews @include(if: $b) { body }"
REQUIRED = "name @include(if: $b) inStock shippingEstimate @include(if: $a)"
REQUIRED_AND_SELECTED = "price @include(if: $b) inStock shippingEstimate @include(if: $a)"
BOTH = "... @include(if: $a) { inStock } ... @skip(if: $b) { shippingEstimate }"
EITHER = "upc price inStock @include(if: $a) shippingEstimate @skip(if: $a) @include(if: $b)"
BELOW = (
    "reviews @include(if: $a) { author { name @include(if: $b) } product { inStock shippingEstimate @skip(if: $a) } }"
)


def sent(graph: SmallGraph) -> list[tuple[str, str, bytes]]:
    """What was asked, and with which variables; nothing of it is left."""
    found = [
        (each.name, asked.document, orjson.dumps(asked.variables))
        for each in graph.subgraphs
        for asked in each.requests
    ]
    for each in graph.subgraphs:
        each.requests.clear()
    return sorted(found)


@pytest.mark.parametrize("selected", [KEY, OTHER_KEY, REQUIRED, REQUIRED_AND_SELECTED, BOTH, BELOW, EITHER])
async def test_it_is_left_out_and_nothing_is_given_up(selected: str) -> None:
    query = f"query($a: Boolean!, $b: Boolean!) {{ topProducts {{ {selected} }} }}"
    graph = SmallGraph()
    program, interpreter = a_router(graph), a_router(graph, 0)
    for a, b in product([True, False], repeat=2):
        variables: dict[str, Any] = {"a": a, "b": b}
        request = GraphQLRequest(query, variables=variables)
        await program.execute(request)
        await settled(program)
        sent(graph)
        expected, asked = orjson.dumps((await interpreter.execute(request)).body), sent(graph)
        assert (orjson.dumps((await program.execute(request)).body), sent(graph)) == (expected, asked)
    runs = figure(program, "router_program_runs_total")
    assert set(runs) == {"done"}
    assert runs["done"] >= 4
    await program.stop()
    await interpreter.stop()


NOTHING_SENT: dict[tuple[bool, bool], list[dict[str, Any]]] = {(False, False): []}
KEY_SENT = {(True, b): [{"upc": "p1"}] for b in (True, False)}
ALL_SENT = {(False, True): [{"upc": "p1", "price": 100, "weight": 10}]}


@pytest.mark.parametrize("uses", [1, 0], ids=["program", "interpreter"])
async def test_of_several_conditions_those_that_hold_say_what_is_sent(uses: int) -> None:
    query = f"query($a: Boolean!, $b: Boolean!) {{ topProducts(first: 1) {{ {EITHER} }} }}"
    graph = SmallGraph()
    router = a_router(graph, uses)
    for (a, b), expected in (NOTHING_SENT | KEY_SENT | ALL_SENT).items():
        # A second time, too: by then the program is written.
        for _ in range(2):
            graph.inventory.requests.clear()
            await router.execute(GraphQLRequest(query, variables={"a": a, "b": b}))
            await settled(router)
            found = [each for asked in graph.inventory.requests for each in asked.variables["representations"]]
            assert (a, b, found) == (a, b, expected)
    assert set(figure(router, "router_program_runs_total")) <= {"done"}
    await router.stop()


async def test_a_key_that_is_missing_where_something_is_wanted_is_the_interpreters() -> None:
    query = "query($a: Boolean!) { topProducts { name inStock @include(if: $a) } }"
    graph = SmallGraph()
    graph.products.fault = lambda _request: {
        "data": {"topProducts": [{"name": "Chair"}, {"name": "Table", "upc": "p2"}]}
    }
    program, interpreter = a_router(graph), a_router(graph, 0)
    request = GraphQLRequest(query, variables={"a": True})
    await program.execute(request)
    await settled(program)
    sent(graph)
    expected, asked = (await interpreter.execute(request)).body, sent(graph)
    assert [error["extensions"]["code"] for error in expected["errors"]] == ["KEY_MISSING"]
    assert ((await program.execute(request)).body, sent(graph)) == (expected, asked)
    assert figure(program, "router_program_runs_total")["shape"] >= 1
    await program.stop()
    await interpreter.stop()
