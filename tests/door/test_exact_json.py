"""What goes through a door as JSON comes out as it went in."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trevo.door import exact_json

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@pytest.mark.parametrize(
    "text",
    [
        "18446744073709551616",
        "-9223372036854775809",
        "9223372036854775807",
        "18446744073709551615",
        '{"a":[1,-123456789012345678901234567890]}',
        "[ 123456789012345678901234567890 , 1 ]",
        '{"a":\n123456789012345678901234567890\n}',
        '{"code":"34191790010104351004791020150008291070026000","a":-123456789012345678901234567890}',
    ],
)
def test_a_whole_number_of_any_length_stays_what_it_is(text: str) -> None:
    value = exact_json.loads(text.encode())
    assert value == json.loads(text)
    assert exact_json.loads(exact_json.dumps(value)) == value
    assert "e+" not in exact_json.dumps(value).decode()


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "9" * 60])
@pytest.mark.parametrize("ids", [0, 1, 7, 8, 9, 40])
@pytest.mark.parametrize("offset", range(7))
def test_a_long_number_is_met_wherever_it_stands_and_whatever_digits_stand_before(
    number: str, ids: int, offset: int
) -> None:
    text = f"[{' ' * offset}{''.join(f'{each:018d},'.replace('0', '1') for each in range(ids))}{number}]"
    assert exact_json.loads(text) == json.loads(text)
    assert exact_json.loads(text)[-1] == int(number)


@pytest.mark.parametrize(
    "text", ['"12345678901234567890"', "0.12345678901234567890", "1.5e300", '["a,12345678901234567890"]']
)
def test_long_digits_that_are_no_whole_number_are_read_as_ever(text: str) -> None:
    assert exact_json.loads(text) == orjson.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"bill":"34191790010104351004791020150008291070026000","pix":["00020126-0000000000000000000-52040000"]}',
        "[0.12345678901234567890,1234567890123456789.5]",
    ],
)
def test_codes_of_many_digits_take_the_quick_way(text: str) -> None:
    value, may_have_halves = exact_json.read(text)
    assert value == json.loads(text)
    assert not may_have_halves


@pytest.mark.parametrize("text", [r'"\ud800"', r'{"a":["x\udfffy"]}', r'"\ud83d"'])
def test_half_of_a_pair_is_kept_and_told(text: str) -> None:
    value = exact_json.loads(text.encode())
    assert exact_json.has_half(value)
    assert exact_json.dumps(value).decode() == text
    assert exact_json.loads(text) == value


def test_whole_pairs_are_texts() -> None:
    assert exact_json.loads(rb'"\ud83d\ude00"') == "😀"
    assert not exact_json.has_half(["😀", {"ção": "é"}, 1, None])
    assert exact_json.has_half({"\ud800": 1})


@pytest.mark.parametrize("depth", [254, 600, 1_023])
def test_what_is_deep_is_written(depth: int) -> None:
    text = b"[" * depth + b"]" * depth
    assert exact_json.dumps(exact_json.loads(text)) == text


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"NaN", b"[1e999,123456789012345678901]", b"[NaN,123456789012345678901]", b"01", b"\xff",
     b"[-Infinity,123456789012345678901]", b"1" * 5_000, b"[123456789012345678901," + b"[" * 100_000,
     b'{"a":123456789012345678901,"b":"\xff"}'],
)  # fmt: skip
def test_what_is_no_json_is_a_value_error_on_either_way(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        exact_json.loads(text)


def test_both_ways_write_alike() -> None:
    value: dict[str, Any] = {
        "b": [1.5, "é\n", None, True, {}],
        "a": {"at": datetime(2026, 1, 2, tzinfo=UTC), "d": Decimal("1.0")},
        "t": (1,),
    }
    written = exact_json.dumps(value)
    assert exact_json.dumps({**value, "z": 2**64}) == written[:-1] + b',"z":18446744073709551616}'
    assert exact_json.dumps({"b": 2**64, "a": 1}, sort_keys=True) == b'{"a":1,"b":18446744073709551616}'


def test_for_people_a_sign_stands_in_its_place() -> None:
    assert exact_json.without_halves("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"


@given(VALUES)
def test_any_value_comes_back(value: Any) -> None:
    assert exact_json.loads(exact_json.dumps(value)) == value
    assert exact_json.loads(exact_json.dumps([value, 2**70])) == [value, 2**70]


def test_a_copy_shares_no_container():
    tree = {"a": [{"b": [1, {"c": 2}]}], "d": {"e": {}}}
    copy = exact_json.copy_tree(tree)
    copy["a"][0]["b"][1]["c"] = 3
    copy["d"]["e"]["f"] = 4
    assert tree == {"a": [{"b": [1, {"c": 2}]}], "d": {"e": {}}}


@pytest.mark.parametrize("of", [dict, list])
def test_what_holds_itself_is_not_written(of: type) -> None:
    inner: Any = {} if of is dict else []
    value = {"a": [1, inner, inner], "b": "}"}
    inner.update(x=1, y=value) if of is dict else inner.extend([1, value])
    with pytest.raises(TypeError, match="a value holds itself"):
        exact_json.dumps(value)


def test_what_stands_at_two_places_is_written_twice() -> None:
    shared = {"a": 2**70}
    assert exact_json.dumps([shared, [shared], (shared, "]")]) == (
        b'[{"a":%d},[{"a":%d}],[{"a":%d},"]"]]' % ((2**70,) * 3)
    )


def test_a_number_that_python_does_not_write_is_told_as_such() -> None:
    with pytest.raises(TypeError, match="limit"):
        exact_json.dumps([10**5_000])
