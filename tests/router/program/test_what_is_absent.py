"""What is required and nobody has is left out of what is sent, wherever it would lie; no program gives up for it."""

from typing import Any

import pytest

from tests.router.program.both_forms import Answering, Entity, answered

TYPES = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { items: [Item] @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: ID!
  own: Int @join__field(graph: A) @join__field(graph: C, external: true)
  owns: [Int] @join__field(graph: A) @join__field(graph: C, external: true)
  size: Int @join__field(graph: B) @join__field(graph: C, external: true)
  sizes: [Int] @join__field(graph: B) @join__field(graph: C, external: true)
  box: Box @join__field(graph: B) @join__field(graph: C, external: true)
  leaf: String @join__field(graph: C, requires: "size")
  list: String @join__field(graph: C, requires: "sizes")
  object: String @join__field(graph: C, requires: "box { width }")
  ofOwn: String @join__field(graph: C, requires: "own")
  ofOwns: String @join__field(graph: C, requires: "owns")
  ofAll: String @join__field(graph: C, requires: "own size sizes")
}
type Box @join__type(graph: B) @join__type(graph: C) { width: Int }
"""
OWN = {"own": 1, "owns": [2]}
KNOWN = {"size": 3, "sizes": [4], "box": {"width": 5}}


def told(sent: Entity) -> Entity:
    text = ", ".join(f"{name} {value}" for name, value in sorted(sent.items()) if name not in ("__typename", "id"))
    return dict.fromkeys(("leaf", "list", "object", "ofOwn", "ofOwns", "ofAll"), text)


def subgraphs_of(own: Entity, known: Entity | None) -> dict[str, Answering]:
    items = [{"id": "1", **OWN}, {"id": "2", **own}, {"id": "3", **OWN}]
    return {
        "a": Answering({"items": items}),
        "b": Answering(entity=lambda sent: known if sent["id"] == "2" else KNOWN),
        "c": Answering(entity=told),
    }


@pytest.mark.parametrize(
    ("own", "known", "field", "usual", "lacking"),
    [
        (OWN, None, "leaf", "size 3", ""),
        (OWN, None, "list", "sizes [4]", ""),
        (OWN, None, "object", "box {'width': 5}", ""),
        (OWN, None, "ofAll", "own 1, size 3, sizes [4]", "own 1"),
        (OWN, {"size": 7}, "ofAll", "own 1, size 3, sizes [4]", "own 1, size 7"),
        (OWN, {"sizes": []}, "ofAll", "own 1, size 3, sizes [4]", "own 1, sizes []"),
        ({}, KNOWN, "ofAll", "own 1, size 3, sizes [4]", "size 3, sizes [4]"),
        ({}, KNOWN, "ofOwn", "own 1", ""),
        ({}, KNOWN, "ofOwns", "owns [2]", ""),
    ],
)
async def test_it_is_left_out(own: Entity, known: Any, field: str, usual: str, lacking: str) -> None:
    result = await answered(TYPES, subgraphs_of(own, known), f"{{ items {{ {field} }} }}")
    assert result.body == {"data": {"items": [{field: usual}, {field: lacking}, {field: usual}]}}
    assert result.runs == {"done": 1}


@pytest.mark.parametrize("one", ["true", "false"])
@pytest.mark.parametrize("other", ["true", "false"])
async def test_what_only_a_field_under_a_condition_requires_is_not_missed(one: str, other: str) -> None:
    selected = "id list @include(if: $a) leaf @skip(if: $a) object @include(if: $b)"
    query = f"query ($a: Boolean = {one}, $b: Boolean = {other}) {{ items {{ {selected} }} }}"
    subgraphs = subgraphs_of(OWN, KNOWN)
    asked = subgraphs["b"].asked

    def entity(_sent: Entity) -> Entity:
        return {name: value for name, value in KNOWN.items() if f" {name} " in asked[-1][0].replace("@", " @")}

    subgraphs["b"].entity = entity
    assert set((await answered(TYPES, subgraphs, query)).runs) == {"done"}
