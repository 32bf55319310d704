"""What several answers say of one member: mixed without changing any, or given up."""

from typing import Any

import pytest

from trevo.door.exact_json import copy_tree
from trevo.program.give_up import GiveUp, merged, merged_or_none


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (1, 1, 1),
        (None, "a", "a"),
        ("a", None, "a"),
        (None, None, None),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": None, "b": [{"c": 1}]}, {"a": 1, "b": [{"d": 2}]}, {"a": 1, "b": [{"c": 1, "d": 2}]}),
        ([None, 1], [2, None], [2, 1]),
    ],
)
def test_what_does_not_contradict_is_mixed_and_nothing_is_changed(one: Any, other: Any, both: Any) -> None:
    sources = {"x": one}, {"x": other}
    before = copy_tree(list(sources))
    assert merged("x", *sources) == both
    assert merged_or_none("x", *sources) == both
    assert list(sources) == before


@pytest.mark.parametrize(
    ("one", "other"), [(1, 2), (1, True), (1, 1.0), ("a", {}), ([1], [1, 2]), ({"a": 1}, {"a": 2}), ([], {})]
)
def test_where_answers_disagree_the_interpreter_decides(one: Any, other: Any) -> None:
    for merge in (merged, merged_or_none):
        with pytest.raises(GiveUp, match="disagreement"):
            merge("x", {"x": one}, {"x": other})


def test_what_nobody_has_is_no_null() -> None:
    assert merged_or_none("x", {}, {}) is None
    assert merged("x", {}, {"x": None}) is None
    with pytest.raises(KeyError):
        merged("x", {}, {})
