import pytest
from graphql import build_schema

from tests.router.operation_tree import tree_of
from trevo.config.limits import Limits
from trevo.errors import RequestRefused
from trevo.operation.variables import read_variables

SCHEMA = build_schema(
    """
    enum Kind { OLD NEW }
    scalar Anything
    input Filter { word: String!, kind: Kind = NEW, inner: Filter, numbers: [Int!] }
    type Query {
      search(filter: Filter, first: Int, id: ID, flag: Boolean, kind: Kind, any: Anything, list: [Int]): String
    }
    """
)


def read(definitions: str, given: dict, **limits):
    operation = tree_of(f"query ({definitions}) {{ search }}")
    return read_variables(SCHEMA, operation, given, Limits(**limits))


def refusal(definitions: str, given: dict, **limits):
    with pytest.raises(RequestRefused) as caught:
        read(definitions, given, **limits)
    return caught.value


def test_values_pass_as_they_were_sent():
    given = {"filter": {"word": "a"}, "any": {"deep": [1, {"x": None}]}, "list": 3}
    assert read("$filter: Filter, $any: Anything, $list: [Int]", given).values == given


def test_defaults_stand_in_for_what_was_not_sent():
    definitions = '$first: Int = 5, $filter: Filter = {word: "w", numbers: [1]}, $kind: Kind = OLD, $id: ID'
    assert read(definitions, {}).values == {"first": 5, "filter": {"word": "w", "numbers": [1]}, "kind": "OLD"}
    assert read(definitions, {"first": None}).values["first"] is None


def test_a_schema_default_inside_an_input_is_not_filled_in():
    assert read("$filter: Filter", {"filter": {"word": "a"}}).values == {"filter": {"word": "a"}}


def test_variables_nobody_defined_are_ignored():
    assert read("$first: Int", {"first": 1, "second": 2}).values == {"first": 1}


def test_booleans_are_at_hand_for_conditions():
    variables = read("$a: Boolean!, $b: Boolean = false, $c: Boolean", {"a": True})
    assert variables.conditions == {"a": True, "b": False}


@pytest.mark.parametrize(
    ("definitions", "given", "says"),
    [
        ("$first: Int!", {}, "'$first'"),
        ("$first: Int!", {"first": None}, "'$first'"),
        ("$first: Int", {"first": "1"}, "'$first'"),
        ("$first: Int", {"first": 2**31}, "'$first'"),
        ("$first: Int", {"first": True}, "'$first'"),
        ("$kind: Kind", {"kind": "OTHER"}, "'$kind'"),
        ("$filter: Filter", {"filter": {}}, "'$filter'"),
        ("$filter: Filter", {"filter": {"word": "a", "other": 1}}, "'$filter'"),
        ("$filter: Filter", {"filter": {"word": "a", "numbers": [None]}}, "'$filter.numbers[0]'"),
    ],
)
def test_a_wrong_value_is_refused_and_named(definitions, given, says):
    refused = refusal(definitions, given)
    assert (refused.status, refused.errors[0].code) == (400, "BAD_USER_INPUT")
    assert says.strip("'").split(".")[0].split("[")[0] in refused.errors[0].message


def test_values_nested_too_deeply():
    value: dict = {"word": "a"}
    for _ in range(30):
        value = {"word": "a", "inner": value}
    assert refusal("$filter: Filter", {"filter": value}).errors[0].code == "VALUE_TOO_DEEP"
    assert refusal("$any: Anything", {"any": value}, value_depth_max=2).errors[0].code == "VALUE_TOO_DEEP"


def test_variables_too_large():
    refused = refusal("$id: ID", {"id": "x" * 100}, variables_bytes_max=100)
    assert (refused.errors[0].code, refused.status, refused.is_transport) == ("VARIABLES_TOO_LARGE", 413, True)


def test_many_wrong_values_give_a_bounded_list():
    assert len(refusal("$list: [Int]", {"list": ["x"] * 1000}).errors) == 21
