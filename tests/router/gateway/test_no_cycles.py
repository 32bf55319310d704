"""A request that is answered leaves nothing that only the collector of garbage would find: it is seldom asked."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.router.program.both_forms import Answering, router_of
from trevo.gateway.request import GraphQLRequest

TYPES = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  items: [Item] @join__field(graph: A)
  others: [Item] @join__field(graph: A)
}
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: ID!
  name: String @join__field(graph: A)
  size: Int @join__field(graph: B) @join__field(graph: C, external: true)
  freight: Int @join__field(graph: C, requires: "size")
}
"""
TIMES = 50


@pytest.fixture(autouse=True)
def _not_collected() -> Iterator[None]:
    yield
    gc.enable()


def sized(sent: dict[str, Any]) -> dict[str, Any]:
    return {"__typename": "Item", "size": int(sent["id"])}


@pytest.mark.parametrize("uses", [0, 1])
@pytest.mark.parametrize(
    ("size", "query"),
    [
        (sized, "{ items { name size freight } }"),
        (lambda _sent: None, "{ items { name size freight } }"),
        (lambda _sent: {"size": "large"}, "{ items { size } }"),
        (lambda sent: [sent], "{ items { name size freight } }"),
        (sized, "{ nothing }"),
    ],
)
async def test_requests_of_an_operation_that_is_known(uses: int, size: Any, query: str) -> None:
    given = {"items": [{"__typename": "Item", "id": str(number), "name": "n"} for number in range(3)]}
    freight = Answering(entity=lambda _sent: {"__typename": "Item", "freight": 1})
    subgraphs = {"a": Answering(given), "b": Answering(entity=size), "c": freight}
    router = router_of(TYPES, subgraphs, compile_after_uses=uses)
    # A program that gives up ten times in a row is dropped.
    for _ in range(15):
        await router.execute(GraphQLRequest(query))
    gc.collect()
    gc.disable()
    for _ in range(TIMES):
        await router.execute(GraphQLRequest(query))
    assert gc.collect() < TIMES
    await router.stop()


@pytest.mark.parametrize(
    "query",
    [
        "{{ {new}: items {{ name size freight }} }}",
        "{{ {new}: items {{ size freight }} others {{ name size }} }}",
    ],
)
async def test_new_operations(query: str) -> None:
    given = {"others": [{"__typename": "Item", "id": "4", "name": "n"}]}
    items = [{"__typename": "Item", "id": str(number), "name": "n"} for number in range(3)]
    freight = Answering(entity=lambda _sent: {"__typename": "Item", "freight": 1})
    subgraphs = {"a": Answering(given), "b": Answering(entity=sized), "c": freight}
    router = router_of(TYPES, subgraphs, compile_after_uses=0)
    left: list[int] = []
    for number in range(20):
        given[f"n{number}"] = items
        gc.collect()
        gc.disable()
        await router.execute(GraphQLRequest(query.format(new=f"n{number}")))
        left.append(garbage())
    await router.stop()
    assert left[10:] == [0] * 10


def garbage() -> int:
    """How much there was but for graphql-core's own: the tokens of its parser hang together."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    count = sum(not type(each).__module__.startswith("graphql.") for each in gc.garbage)
    gc.garbage.clear()
    return count
