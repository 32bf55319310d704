"""What is sent for an object, and what is written of it, is its own: of several types, in whatever order they come."""

from itertools import permutations

import pytest

from tests.router.program.both_forms import Answering, Entity, answered

ENTITY = """
type {name} implements Media
  @join__implements(graph: A, interface: "Media")
  @join__implements(graph: C, interface: "Media")
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id")
{{
  id: ID!
  size: Int @join__field(graph: B) @join__field(graph: C, external: true)
  ship: Int @join__field(graph: C, requires: "size")
}}
"""
MEDIA = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  media: [Media] @join__field(graph: A)
}
interface Media @join__type(graph: A) @join__type(graph: C) {
  id: ID!
  ship: Int @join__field(graph: C)
}
""" + "".join(ENTITY.format(name=name) for name in ("Book", "Movie", "Song"))


def measured(sent: Entity) -> Entity:
    return {"__typename": sent["__typename"], "size": int(sent["id"]) * 10}


def shipped(sent: Entity) -> Entity:
    return {"__typename": sent["__typename"], "ship": sent.get("size")}


@pytest.mark.parametrize("order", list(permutations(["Book", "Movie", "Song"])))
async def test_what_a_type_requires_is_looked_up_for_each_object(order: tuple[str, ...]) -> None:
    media = [{"__typename": name, "id": str(number)} for number, name in enumerate(order, 1)]
    subgraphs = {"a": Answering({"media": media}), "b": Answering(entity=measured), "c": Answering(entity=shipped)}
    result = await answered(MEDIA, subgraphs, "{ media { ship } }")
    assert result.body == {"data": {"media": [{"ship": 10}, {"ship": 20}, {"ship": 30}]}}
    assert result.runs == {"done": 1}


NULLABLE_KEY = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { ps: [P] @join__field(graph: A) }
type P
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: B, key: "id w")
  @join__type(graph: C, key: "n w")
{
  id: ID! @join__field(graph: A) @join__field(graph: B)
  n: String @join__field(graph: A) @join__field(graph: C)
  w: String @join__field(graph: B) @join__field(graph: C)
  b: Int @join__field(graph: B)
  c: Int @join__field(graph: C)
}
"""


@pytest.mark.parametrize("names", list(permutations(["x", None, "y"])))
async def test_an_entry_that_only_objects_with_a_key_need_is_found_for_the_others_too(
    names: tuple[str | None, ...],
) -> None:
    ps = [{"__typename": "P", "id": str(number), "n": name} for number, name in enumerate(names)]
    subgraphs = {
        "a": Answering({"ps": ps}),
        "b": Answering(entity=lambda sent: {"__typename": "P", "w": f"w{sent['id']}", "b": int(sent["id"])}),
        "c": Answering(entity=lambda sent: {"__typename": "P", "c": ord(sent["n"])}),
    }
    result = await answered(NULLABLE_KEY, subgraphs, "{ ps { c w b } }")
    assert result.body["data"]["ps"] == [
        {"c": name and ord(name), "w": f"w{number}", "b": number} for number, name in enumerate(names)
    ]
    assert result.runs == {"done": 1}
