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


LACKING = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  one: Item @join__field(graph: A)
  two: Item @join__field(graph: B)
  all: [Item] @join__field(graph: A)
}
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: Float! @join__field(graph: A) @join__field(graph: B) @join__field(graph: C)
  name: Int @join__field(graph: A) @join__field(graph: C, external: true)
  size: Int @join__field(graph: B) @join__field(graph: C, external: true)
  sizes: [Int] @join__field(graph: B) @join__field(graph: C, external: true)
  freight: String @join__field(graph: C, requires: "size name")
  freights: String @join__field(graph: C, requires: "sizes")
}
"""


def told(sent: Entity) -> Entity:
    text = " ".join(f"{name} {value}" for name, value in sent.items() if name != "__typename")
    return {"freight": text, "freights": text}


async def test_what_lacks_one_member_is_not_taken_for_what_lacks_another() -> None:
    subgraphs = {
        "a": Answering({"one": {"id": 1, "name": 5}}),
        "b": Answering({"two": {"id": 1, "size": 5}}),
        "c": Answering(entity=told),
    }
    result = await answered(LACKING, subgraphs, "{ one { freight } two { freight } }")
    assert result.body == {"data": {"one": {"freight": "id 1 name 5"}, "two": {"freight": "id 1 size 5"}}}
    assert result.runs == {"done": 1}


async def test_keys_beside_a_list_are_told_apart_as_json_does_whether_it_is_null_or_not() -> None:
    for sizes in (None, [1, None]):
        subgraphs = {
            "a": Answering({"all": [{"id": 1}, {"id": 1.0}, {"id": 2}, {"id": 1}]}),
            "b": Answering(entity=lambda _sent, sizes=sizes: {"sizes": sizes}),
            "c": Answering(entity=told),
        }
        result = await answered(LACKING, subgraphs, "{ all { freights } }")
        assert [each["freights"] for each in result.body["data"]["all"]] == [
            f"id {each} sizes {sizes}" for each in ("1", "1.0", "2", "1")
        ]
        assert result.runs == {"done": 1}
