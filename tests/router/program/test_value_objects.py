"""An object without a key that two subgraphs give parts of: what one of them has no object for is null, and no more."""

from typing import Any

import pytest

from tests.router.program.both_forms import Answering, answered

TYPES = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  items: [Item] @join__field(graph: A)
  info: Dims @join__field(graph: A) @join__field(graph: B)
}
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  dims: Dims @join__field(graph: A) @join__field(graph: B)
}
type Dims @join__type(graph: A) @join__type(graph: B) {
  width: Int @join__field(graph: A)
  height: Int @join__field(graph: B)
  all: [Int] @join__field(graph: B)
}
"""
WIDE, HIGH = {"width": 1}, {"height": 2, "all": [3]}


@pytest.mark.parametrize("of_a", [WIDE, None])
@pytest.mark.parametrize("of_b", [HIGH, None])
async def test_what_one_of_them_does_not_give_is_null_and_nothing_is_given_up(of_a: Any, of_b: Any) -> None:
    subgraphs = {
        "a": Answering({"info": of_a, "items": [{"id": "1", "dims": of_a}, {"id": "2", "dims": WIDE}]}),
        "b": Answering({"info": of_b}, lambda sent: {"dims": of_b if sent["id"] == "1" else HIGH}),
        "c": Answering(),
    }
    both = {"width": None, "height": None, "all": None, **(of_a or {}), **(of_b or {})} if of_a or of_b else None
    for query, data in (
        ("{ info { width height all } }", {"info": both}),
        ("{ items { dims { width height all } } }", {"items": [{"dims": both}, {"dims": {**WIDE, **HIGH}}]}),
    ):
        result = await answered(TYPES, subgraphs, query)
        assert result.body == {"data": data}
        assert result.runs == {"done": 1}


@pytest.mark.parametrize("of_a", [WIDE, {}])
@pytest.mark.parametrize("of_b", [HIGH, {}, {"height": 2}])
async def test_what_is_absent_though_it_was_asked_for_is_answered_alike(of_a: Any, of_b: Any) -> None:
    subgraphs = {"a": Answering({"info": of_a}), "b": Answering({"info": of_b}), "c": Answering()}
    await answered(TYPES, subgraphs, "{ info { width height all } }")
