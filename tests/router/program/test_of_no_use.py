"""A program whose code is never for the data there are is dropped; what a subgraph in trouble does is no reason."""

from typing import Any

import pytest

from tests.router.program.both_forms import Answering, answered, figure, router_of
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router

TYPES = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { items: [Item] @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: ID! @join__field(graph: A) @join__field(graph: B) @join__field(graph: C)
  price: Float @join__field(graph: A)
  code: ID @join__field(graph: A)
  text: String @join__field(graph: A)
  size: Int @join__field(graph: B) @join__field(graph: C, external: true)
  freight: Int @join__field(graph: C, requires: "size")
}
"""


def items(*each: dict[str, Any], **limits: Any) -> Router:
    given = [{"__typename": "Item", "id": str(number), **item} for number, item in enumerate(each)]
    subgraphs = {"a": Answering({"items": given}), "b": Answering(), "c": Answering()}
    return router_of(TYPES, subgraphs, compile_after_uses=1, **limits)


async def ask(router: Router, query: str) -> Any:
    return (await router.execute(GraphQLRequest(query))).body


async def test_after_ten_times_in_a_row_it_is_dropped() -> None:
    router = items({"text": 7})
    for _ in range(12):
        body = await ask(router, "{ items { text } }")
        assert body["data"] == {"items": [{"text": None}]}
    assert figure(router, "router_program_runs_total") == {"value": 10}
    assert figure(router, "router_programs_total") == {"written": 1, "gives up": 1}
    await router.stop()


async def test_one_that_is_of_use_now_and_then_is_kept() -> None:
    router = items({"text": 7})
    client = router.engine.clients["a"].client
    for number in range(24):
        client.root = {"items": [{"__typename": "Item", "id": "1", "text": "t" if number % 8 == 0 else 7}]}
        await ask(router, "{ items { text } }")
    assert figure(router, "router_program_runs_total") == {"done": 3, "value": 21}
    await router.stop()


async def test_a_subgraph_in_trouble_drops_no_program() -> None:
    router = items({"text": "t"})
    client = router.engine.clients["a"].client
    sends = client.send

    async def fails(_request: Any) -> Any:
        raise SubgraphFailed("away")

    client.send = fails
    for _ in range(20):
        await ask(router, "{ items { text } }")
    client.send = sends
    assert await ask(router, "{ items { text } }") == {"data": {"items": [{"text": "t"}]}}
    assert figure(router, "router_program_runs_total") == {"failure": 20, "done": 1}
    await router.stop()


@pytest.mark.parametrize(
    ("query", "item"),
    [
        ("{ items { price } }", {"price": 5}),
        ("{ items { price } }", {"price": 5.5}),
        ("{ items { code } }", {"code": 5}),
        ("{ items { code } }", {"code": 2**70}),
    ],
)
async def test_numbers_that_may_stand_there_make_nobody_give_up(query: str, item: dict[str, Any]) -> None:
    given = {"__typename": "Item", "id": "1", **item}
    subgraphs = {"a": Answering({"items": [given, None]}), "b": Answering(), "c": Answering()}
    assert (await answered(TYPES, subgraphs, query, times=3)).runs == {"done": 3}


@pytest.mark.parametrize("item", [{"price": True}, {"price": "5"}, {"code": True}, {"code": 5.0}])
async def test_those_that_may_not_are_judged_by_the_interpreter(item: dict[str, Any]) -> None:
    given = {"__typename": "Item", "id": "1", **item}
    subgraphs = {"a": Answering({"items": [given]}), "b": Answering(), "c": Answering()}
    (key,) = item
    assert (await answered(TYPES, subgraphs, f"{{ items {{ {key} }} }}")).runs == {"value": 1}


@pytest.mark.parametrize("first", [1, True, 1.0, "1"])
@pytest.mark.parametrize("second", [1, True, 1.0, "1"])
async def test_keys_that_are_equal_for_python_are_not_written_alike(first: Any, second: Any) -> None:
    given = [{"__typename": "Item", "id": key} for key in (first, second)]
    subgraphs = {
        "a": Answering({"items": given}),
        "b": Answering(entity=lambda _sent: {"__typename": "Item", "size": 4}),
        "c": Answering(),
    }
    await answered(TYPES, subgraphs, "{ items { id size } }")


@pytest.mark.parametrize("unknown", [None, {}])
async def test_what_an_unknown_entity_lacks_is_left_out_of_what_is_sent(unknown: dict[str, Any] | None) -> None:
    given = [{"__typename": "Item", "id": each} for each in ("1", "2", "1", "3")]
    subgraphs = {
        "a": Answering({"items": given}),
        "b": Answering(entity=lambda sent: unknown if sent["id"] != "2" else {"__typename": "Item", "size": 4}),
        "c": Answering(entity=lambda sent: {"__typename": "Item", "freight": sent.get("size", -1)}),
    }
    result = await answered(TYPES, subgraphs, "{ items { size freight } }")
    assert result.runs == {"done": 1}
    assert result.body["data"]["items"] == [
        {"size": None, "freight": -1},
        {"size": 4, "freight": 4},
        {"size": None, "freight": -1},
        {"size": None, "freight": -1},
    ]


NODE = 'implements Node @join__implements(graph: A, interface: "Node") @join__type(graph: A) { id: ID! }'
MANY = "".join(f"type T{number} {NODE}\n" for number in range(8))
NODES = f"""
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {{ nodes: [Node] @join__field(graph: A) }}
interface Node @join__type(graph: A) {{ id: ID! }}
{MANY}"""


async def test_what_is_written_when_a_type_is_met_is_weighed_too() -> None:
    subgraph = Answering({"nodes": []})
    router = router_of(NODES, {"a": subgraph, "b": Answering(), "c": Answering()}, compile_after_uses=1)
    weights = []
    for number in range(8):
        subgraph.root = {"nodes": [{"__typename": f"T{number}", "id": "1"}]}
        for _ in range(2):
            assert await ask(router, "{ nodes { id } }") == {"data": {"nodes": [{"id": "1"}]}}
        weights.append(router.engine._cache.weight)
    assert weights == sorted(set(weights))
    assert weights[-1] - weights[0] > 7 * 500
    await router.stop()


async def test_a_program_that_grows_too_large_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trevo.program.module.FUNCTIONS_MAX", 3)
    nodes = [{"__typename": f"T{number}", "id": "1"} for number in range(8)]
    subgraphs = {"a": Answering({"nodes": nodes}), "b": Answering(), "c": Answering()}
    router = router_of(NODES, subgraphs, compile_after_uses=1)
    for _ in range(3):
        assert await ask(router, "{ nodes { id } }") == {"data": {"nodes": [{"id": "1"}] * 8}}
    assert figure(router, "router_program_runs_total") == {"value": 1}
    assert figure(router, "router_programs_total") == {"written": 1, "large": 1}
    await router.stop()
