import pytest

from trevo.execute.response_path import find_objects, locate_objects
from trevo.plan.nodes import Each, Key, OnTypes

TREE = {
    "users": [
        {"__typename": "User", "pet": {"__typename": "Dog", "n": 1}},
        None,
        {"__typename": "User", "pet": None},
        {"__typename": "User", "pet": {"__typename": "Cat", "n": 2}},
    ],
    "grid": [[{"n": 3}], None, [{"n": 4}, None]],
    "nameless": {"pet": {"n": 5}},
    "wrong": "text",
}

CASES = [
    ((), [((), TREE)]),
    ((Key("missing"), Key("x")), []),
    ((Key("wrong"),), []),
    ((Key("wrong"), Each()), []),
    (
        (Key("users"), Each(), Key("pet")),
        [(("users", 0, "pet"), TREE["users"][0]["pet"]), (("users", 3, "pet"), TREE["users"][3]["pet"])],
    ),
    (
        (Key("users"), Each(), Key("pet"), OnTypes(frozenset({"Cat"}))),
        [(("users", 3, "pet"), TREE["users"][3]["pet"])],
    ),
    (
        (Key("nameless"), Key("pet"), OnTypes(frozenset({"Cat"}))),
        [(("nameless", "pet"), TREE["nameless"]["pet"])],
    ),
    (
        (Key("grid"), Each(), Each()),
        [(("grid", 0, 0), {"n": 3}), (("grid", 2, 0), {"n": 4})],
    ),
]


@pytest.mark.parametrize(("path", "found"), CASES)
def test_both_walks_find_the_same_objects_in_the_same_order(path, found):
    assert find_objects(TREE, path) == [node for _, node in found]
    assert locate_objects(TREE, path) == [(node, trail) for trail, node in found]
