"""Of an entity that is not known no other key comes: nobody asks about it by that, and no program gives up."""

from typing import Any

import pytest

from tests.router.program.both_forms import Answering, Entity, answered

QUERY = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { items: [%s] @join__field(graph: A) }
"""
ITEM = """
type Item%(is)s
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: B, key: "code")
  @join__type(graph: C, key: "code")
{
  id: %(id)s @join__field(graph: A) @join__field(graph: B)
  code: %(code)s @join__field(graph: B) @join__field(graph: C)
  weight: Int @join__field(graph: B) @join__field(graph: C, external: true)
  freight: String @join__field(graph: C)
  heavy: String @join__field(graph: C, requires: "weight")
}
"""


def types_of(**types: str) -> str:
    return QUERY % "Item" + ITEM % {"is": "", "id": "ID!", "code": "String!", **types}


def subgraphs_of(codes: dict[Any, Any], **item: Any) -> dict[str, Answering]:
    """B knows what *codes* has; C tells what it was sent."""

    def coded(sent: Entity) -> Entity | None:
        answer = codes[sent["id"]]
        return answer and {"__typename": "Item", "weight": 5, **answer}

    def freight(sent: Entity) -> Entity:
        told = f"{sent['code']} {sent.get('weight')}"
        return {"__typename": "Item", "freight": told, "heavy": told}

    given = [{"id": each, **item} for each in codes]
    return {"a": Answering({"items": given}), "b": Answering(entity=coded), "c": Answering(entity=freight)}


KNOWN: dict[Any, Any] = {"1": {"code": "x"}, "2": None, "3": {"code": "y"}}


@pytest.mark.parametrize("code", ["String!", "String"])
@pytest.mark.parametrize(
    "fields", ["freight", "id freight", "code freight", "weight heavy", "code weight freight heavy"]
)
async def test_it_is_not_asked_about(code: str, fields: str) -> None:
    result = await answered(types_of(code=code), subgraphs_of(KNOWN), f"{{ items {{ {fields} }} }}")
    if "code" in fields.split() and code == "String!":
        # It may not be null: that is told, by the interpreter.
        assert result.runs == {"value": 1}
        assert [each["path"] for each in result.body["errors"]] == [["items", 1, "code"]]
        assert result.body["data"]["items"][1] is None
    else:
        assert result.runs == {"done": 1}
        assert "errors" not in result.body
        assert all(value is None for key, value in result.body["data"]["items"][1].items() if key != "id")
    ((_, variables),) = result.asked["c"]
    assert [each["code"] for each in variables["representations"]] == ["x", "y"]


@pytest.mark.parametrize("unknown", [{}, {"code": None}])
async def test_a_known_entity_without_its_key_is_judged_by_the_interpreter(unknown: dict[str, Any]) -> None:
    subgraphs = subgraphs_of({**KNOWN, "2": unknown})
    result = await answered(types_of(), subgraphs, "{ items { freight } }")
    assert set(result.runs) <= {"value", "shape"}
    assert [(each["path"], each["extensions"]["code"]) for each in result.body["errors"]] == [
        (["items", 1, "freight"], "KEY_MISSING")
    ]


async def test_nor_is_what_has_no_key_to_ask_for_the_other_with() -> None:
    subgraphs = subgraphs_of(KNOWN)
    subgraphs["a"].root["items"].append({"id": None})
    result = await answered(types_of(id="ID"), subgraphs, "{ items { freight } }")
    assert result.body == {"data": {"items": [{"freight": each} for each in ("x None", None, "y None", None)]}}
    assert result.runs == {"done": 1}


UNION = (
    QUERY % "Either"
    + ITEM % {"is": "", "id": "ID!", "code": "String!"}
    + """
type Box @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  weight: Int @join__field(graph: B)
}
union Either @join__type(graph: A)
  @join__unionMember(graph: A, member: "Item") @join__unionMember(graph: A, member: "Box") = Item | Box
"""
)


async def test_of_a_union_too() -> None:
    given = [{"__typename": name, "id": each} for name, each in (("Item", "1"), ("Box", "2"), ("Item", "2"))]
    subgraphs = subgraphs_of(KNOWN)
    subgraphs["a"].root["items"] = given
    document = "{ items { ... on Item { freight } ... on Box { weight } } }"
    result = await answered(UNION, subgraphs, document)
    assert result.body == {"data": {"items": [{"freight": "x None"}, {"weight": None}, {"freight": None}]}}
    assert result.runs == {"done": 1}


TWO = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { items: [Item] @join__field(graph: A) }
type Item
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: B, key: "code { text }")
  @join__type(graph: C, key: "code { text }")
{
  id: ID! @join__field(graph: A) @join__field(graph: B)
  code: Code! @join__field(graph: B) @join__field(graph: C)
  freight: String @join__field(graph: C)
}
type Code @join__type(graph: B) @join__type(graph: C) { text: String! }
"""


async def test_by_a_key_that_is_an_object() -> None:
    codes: dict[str, Any] = {"1": {"code": {"text": "x"}}, "2": None}
    subgraphs = {
        "a": Answering({"items": [{"id": each} for each in codes]}),
        "b": Answering(entity=lambda sent: codes[sent["id"]]),
        "c": Answering(entity=lambda sent: {"freight": sent["code"]["text"]}),
    }
    result = await answered(TWO, subgraphs, "{ items { freight } }")
    assert result.body == {"data": {"items": [{"freight": "x"}, {"freight": None}]}}
    assert result.runs == {"done": 1}
