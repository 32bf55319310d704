"""What a call asks about is found in the table of an earlier one, where that was about the same objects and has all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.router.program.both_forms import HEAD, Answered, Answering, Entity, answered, program_of
from trevo.execute.prepare import PreparedCall
from trevo.execute.representations import prepare_inputs
from trevo.plan.nodes import Each, EntityCall, Key, Path, RepresentationField, RepresentationInput
from trevo.program.earlier_call import find_earlier_call
from trevo.program.layout import Root, Spot, Table
from trevo.supergraph import load_supergraph

QUERY = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  items: [Item] @join__field(graph: A)
  boxes: [Box] @join__field(graph: A)
}
"""
ITEM = """
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: ID! @join__field(graph: A) @join__field(graph: B) @join__field(graph: C)
  name: String @join__field(graph: A)
  size: Int @join__field(graph: B) @join__field(graph: C, external: true)
  freight: String @join__field(graph: C, requires: "size")
}
"""
BOX = ITEM.replace("type Item", "type Box")
TYPES = QUERY + ITEM + BOX


def collectors_of(types: str, query: str) -> str:
    """The code that finds what is asked about."""
    program = program_of(load_supergraph(HEAD + types), query)
    return "\n\n".join(text for text in program.text.split("\n\n\n") if text.startswith("def collect"))


def objects(type_name: str, *ids: Any) -> list[Entity | None]:
    return [each and {"__typename": type_name, "id": each, "name": f"{type_name} {each}"} for each in ids]


def subgraphs_of(root: Mapping[str, Any], sizes: Mapping[str, Any]) -> dict[str, Answering]:
    """*sizes* by type and id; where there is None the entity is not known."""

    def measured(sent: Entity) -> Entity | None:
        size = sizes.get(f"{sent['__typename']} {sent['id']}", -1)
        return None if size is None else {"__typename": sent["__typename"], "size": size}

    def freight(sent: Entity) -> Entity:
        told = " ".join(str(sent.get(name, "unknown")) for name in ("__typename", "id", "size"))
        return {"__typename": sent["__typename"], "freight": told}

    return {"a": Answering(dict(root)), "b": Answering(entity=measured), "c": Answering(entity=freight)}


def sent_to_c(result: Answered) -> Any:
    return [variables for _, variables in result.asked["c"]]


def test_a_chain_of_requirements_goes_through_the_earlier_table() -> None:
    assert collectors_of(TYPES, "{ items { freight } }").endswith(
        """\
def collect_3(T):
    T2 = T[2]
    found = {}
    for v1, o2 in watched(list(T2.items())):
        v3 = o2.get('size', ABSENT)
        found[(v1, v3)] = None
    return found, [{'__typename': 'Item', 'id': a4, 'size': a5} if a5 is not ABSENT else \
present({'__typename': 'Item', 'id': a4, 'size': a5}) for a4, a5 in watched(list(found))]"""
    )


async def test_each_object_is_sent_once_in_order_with_what_is_its_own() -> None:
    given = objects("Item", "1", "2", None, "1", "3")
    subgraphs = subgraphs_of({"items": given}, {"Item 1": 10, "Item 2": 20, "Item 3": 30})
    result = await answered(TYPES, subgraphs, "{ items { name freight } }")
    assert result.body["data"]["items"] == [
        {"name": "Item 1", "freight": "Item 1 10"},
        {"name": "Item 2", "freight": "Item 2 20"},
        None,
        {"name": "Item 1", "freight": "Item 1 10"},
        {"name": "Item 3", "freight": "Item 3 30"},
    ]
    whole = [{"__typename": "Item", "id": each, "size": int(each) * 10} for each in ("1", "2", "3")]
    assert sent_to_c(result) == [{"representations": whole}]
    assert result.runs == {"done": 1}


async def test_what_is_null_is_sent_and_what_nobody_knows_is_left_out() -> None:
    subgraphs = subgraphs_of({"items": objects("Item", "1", "2", "3")}, {"Item 1": None, "Item 3": 30})
    subgraphs["b"].entity = lambda sent: {
        "1": None,
        "2": {"__typename": "Item", "size": None},
        "3": {"__typename": "Item", "size": 30},
    }[sent["id"]]
    result = await answered(TYPES, subgraphs, "{ items { size freight } }")
    assert result.body["data"]["items"] == [
        {"size": None, "freight": "Item 1 unknown"},
        {"size": None, "freight": "Item 2 None"},
        {"size": 30, "freight": "Item 3 30"},
    ]
    assert result.runs == {"done": 1}


@pytest.mark.parametrize("order", ["items boxes", "boxes items"])
async def test_of_two_types_asked_about_in_one_request_each_is_sent_its_own(order: str) -> None:
    root = {"items": objects("Item", "1", "2"), "boxes": objects("Box", "1", "2", "1")}
    sizes = {"Item 1": 10, "Item 2": None, "Box 1": 70, "Box 2": 80}
    query = f"{{ {' '.join(f'{each} {{ freight }}' for each in order.split())} }}"
    result = await answered(TYPES, subgraphs_of(root, sizes), query)
    assert result.body["data"] == {
        "items": [{"freight": "Item 1 10"}, {"freight": "Item 2 unknown"}],
        "boxes": [{"freight": "Box 1 70"}, {"freight": "Box 2 80"}, {"freight": "Box 1 70"}],
    }
    assert len(result.asked["b"]) == len(result.asked["c"]) == 1
    assert result.runs == {"done": 1}


async def test_what_the_client_calls_otherwise_is_found_under_its_own_name() -> None:
    document = "{ items { id: name number: id size: name freight } }"
    assert "_size_1" in collectors_of(TYPES, document)
    assert "T2.items()" in collectors_of(TYPES, document)
    root = {"items": [{"__typename": "Item", "id": "n1", "number": "1", "size": "n1", "_id_1": "1"}]}
    subgraphs = subgraphs_of(root, {})
    subgraphs["b"].entity = lambda _sent: {"__typename": "Item", "_size_1": 10}
    result = await answered(TYPES, subgraphs, document)
    assert result.body["data"]["items"] == [{"id": "n1", "number": "1", "size": "n1", "freight": "Item 1 10"}]
    assert sent_to_c(result) == [{"representations": [{"__typename": "Item", "id": "1", "size": 10}]}]
    assert result.runs == {"done": 1}


UNION = (
    QUERY.replace("boxes: [Box]", "either: [Either]")
    + ITEM
    + BOX
    + """
union Either @join__type(graph: A)
  @join__unionMember(graph: A, member: "Item") @join__unionMember(graph: A, member: "Box") = Item | Box
"""
)


async def test_objects_of_a_union_with_equal_keys_are_told_apart() -> None:
    either = [*objects("Item", "1"), *objects("Box", "1", "2"), *objects("Item", "2")]
    sizes = {"Item 1": 10, "Item 2": 20, "Box 1": 70, "Box 2": None}
    document = "{ either { ... on Item { freight } ... on Box { freight } } }"
    assert "T2.items()" not in collectors_of(UNION, document)
    result = await answered(UNION, subgraphs_of({"either": either}, sizes), document)
    assert [each["freight"] for each in result.body["data"]["either"]] == [
        "Item 1 10",
        "Box 1 70",
        "Box 2 unknown",
        "Item 2 20",
    ]
    assert result.runs == {"done": 1}


NULLABLE = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { items: [Item] @join__field(graph: A) }
type Item
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: B, key: "code")
  @join__type(graph: C, key: "code")
{
  id: ID! @join__field(graph: A) @join__field(graph: B)
  code: String @join__field(graph: B) @join__field(graph: C)
  freight: String @join__field(graph: C)
}
"""


async def test_a_key_that_an_earlier_call_gives_may_be_null_and_that_object_is_not_sent() -> None:
    assert "in watched(list(T2.items()))" in collectors_of(NULLABLE, "{ items { freight } }")
    codes = {"1": "x", "2": None, "3": "x", "4": "y"}
    subgraphs = {
        "a": Answering({"items": objects("Item", *codes)}),
        "b": Answering(entity=lambda sent: {"__typename": "Item", "code": codes[sent["id"]]}),
        "c": Answering(entity=lambda sent: {"__typename": "Item", "freight": sent["code"]}),
    }
    result = await answered(NULLABLE, subgraphs, "{ items { freight } }")
    assert [each["freight"] for each in result.body["data"]["items"]] == ["x", None, "x", "y"]
    assert sent_to_c(result) == [
        {"representations": [{"__typename": "Item", "code": "x"}, {"__typename": "Item", "code": "y"}]}
    ]
    assert result.runs == {"done": 1}


LISTS = ITEM.replace("size: Int", "size: [Int]")


async def test_a_list_that_is_required_is_sent_as_it_is_and_makes_nobody_give_up() -> None:
    types = QUERY.replace("  boxes: [Box] @join__field(graph: A)\n", "") + LISTS
    subgraphs = subgraphs_of({"items": objects("Item", "1", "2", "1")}, {"Item 1": [1, None], "Item 2": []})
    result = await answered(types, subgraphs, "{ items { freight } }")
    assert [each["freight"] for each in result.body["data"]["items"]] == [
        "Item 1 [1, None]",
        "Item 2 []",
        "Item 1 [1, None]",
    ]
    assert result.runs == {"done": 1}


async def test_many_are_asked_about_in_parts_and_stand_where_they_were_found() -> None:
    ids = [str(number % 7) for number in range(20)]
    sizes = {f"Item {each}": int(each) for each in ids}
    subgraphs = subgraphs_of({"items": objects("Item", *ids)}, sizes)
    result = await answered(TYPES, subgraphs, "{ items { freight } }", representations_per_call_max=3)
    assert [each["freight"] for each in result.body["data"]["items"]] == [f"Item {each} {each}" for each in ids]
    assert len(result.asked["c"]) == 3
    assert result.runs == {"done": 1}


async def test_what_was_asked_for_and_is_absent_is_judged_by_the_interpreter() -> None:
    given = [{"__typename": "Item", "id": "1"}]
    subgraphs = subgraphs_of({"items": given}, {})
    assert (await answered(TYPES, subgraphs, "{ items { id name } }")).runs == {"shape": 1}
    subgraphs["b"].entity = lambda _sent: {"__typename": "Item"}
    assert (await answered(TYPES, subgraphs, "{ items { id size } }")).runs == {"shape": 1}


async def test_objects_that_a_condition_leaves_out_are_not_missed() -> None:
    types = QUERY.replace("boxes: [Box]", "others: [Item]") + ITEM
    for is_wanted in ("true", "false"):
        root = {"others": objects("Item", "1"), **({"items": objects("Item", "2")} if is_wanted == "true" else {})}
        document = f"query ($x: Boolean = {is_wanted}) {{ items @include(if: $x) {{ freight }} others {{ freight }} }}"
        result = await answered(types, subgraphs_of(root, {"Item 1": 10, "Item 2": 20}), document)
        assert result.body["data"]["others"] == [{"freight": "Item 1 10"}]
        assert result.body["data"].get("items", []) == [{"freight": "Item 2 20"}] * (is_wanted == "true")
        assert result.runs == {"done": 1}


ITEMS: Path = (Key("box"), Key("items"), Each())


def table_of(slot: int, before: set[int], path: Path, outputs: Mapping[str, Any], *sent: RepresentationField) -> Table:
    inputs = (RepresentationInput(frozenset({"Item"}), "Item", sent),)
    call = EntityCall((path,), inputs, "{ … }", outputs)
    return Table(slot, PreparedCall(call, prepare_inputs(inputs)), frozenset(before))


def root_with(*tables: Table) -> Spot:
    return Spot((), tuple((each, path) for each in tables for path in each.call.node.paths), (BOXES,))


BOXES = Root(1, {"box": {"items": {"id": {}}}})
ID = RepresentationField("id", "id", is_key=True)
CODE = RepresentationField("code", "code", is_key=True)
SIZE = RepresentationField("size", "size")


def test_a_table_has_not_all_where_more_objects_may_have_come_since() -> None:
    for slots, is_enough in (({1}, False), ({1, 2}, True)):
        more = table_of(2, {1}, ITEMS[:1], {"items": {"id": {}}}, ID)
        earlier = table_of(3, slots, ITEMS, {"size": {}}, ID)
        later = table_of(4, {1, 2, 3}, ITEMS, {"freight": {}}, ID, SIZE)
        found = find_earlier_call(later, root_with(more, earlier))
        assert (found is earlier) == is_enough


def test_a_table_is_of_no_use_where_what_is_sent_may_lie_elsewhere_too() -> None:
    earlier = table_of(3, {1}, ITEMS, {"size": {}}, ID)
    other = table_of(5, {1}, ITEMS, {"size": {}}, ID)
    later = table_of(4, {1, 3, 5}, ITEMS, {"freight": {}}, ID, SIZE)
    assert find_earlier_call(later, root_with(earlier)) is not None
    assert find_earlier_call(later, root_with(earlier, other)) is None


def test_what_was_required_is_no_key_and_a_key_that_may_be_null_names_not_all() -> None:
    for known, has_all in (
        (CODE, True),
        (replace(CODE, is_key=False), False),
        (replace(CODE, may_be_null=True), False),
    ):
        codes = table_of(2, {1}, ITEMS, {"code": {}}, ID)
        earlier = table_of(3, {1, 2}, ITEMS, {"size": {}}, ID, known)
        later = table_of(4, {1, 2, 3}, ITEMS, {"freight": {}}, CODE, SIZE)
        found = find_earlier_call(later, root_with(codes, earlier))
        assert (found is earlier) == has_all


def test_objects_that_say_what_they_are_are_looked_at() -> None:
    named = table_of(2, {1}, ITEMS, {"__typename": {}}, ID)
    earlier = table_of(3, {1, 2}, ITEMS, {"size": {}}, ID)
    later = table_of(4, {1, 2, 3}, ITEMS, {"freight": {}}, ID, SIZE)
    assert find_earlier_call(later, root_with(named, earlier)) is None
