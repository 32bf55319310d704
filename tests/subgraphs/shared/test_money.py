"""Money is whole cents; what is divided is divided to the cent."""

from decimal import Decimal
from fractions import Fraction

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.graphql.scalars import parse_decimal
from subgraphs.shared.money import InvalidAmount, format_brl, parse_minor, round_half_up, split_by_weights, to_decimal


def test_amounts_are_read_exactly() -> None:
    assert [parse_minor(text) for text in ("123.45", "0.01", "-5", "-0", "007.5")] == [12345, 1, -500, 0, 750]


NO_DECIMALS = [
    "1_000",
    "१००",
    "١٢٣",
    "１",
    "1e3",
    "1e9",
    "1E+2",
    " 1",
    "100.00 ",
    "1\n",
    "+1",
    "-",
    "--1",
    "1.",
    ".5",
    "1,50",
    "1.2.3",
    "0x10",
    "NaN",
    "-Infinity",
    "sNaN",
    "abc",
    "",
    "1" * 41,
    1,
    1.5,
    True,
    None,
    ["1"],
]
"""What Python would read, or nearly, and we do not."""


@pytest.mark.parametrize("value", NO_DECIMALS)
def test_what_is_no_decimal_is_refused(value: object) -> None:
    with pytest.raises(InvalidAmount, match="a decimal is a string of ASCII digits like"):
        parse_minor(value)
    with pytest.raises(GraphQLError, match="Decimal takes a string of digits like"):
        parse_decimal(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1.005", "1.005 has more than two decimal places"),
        ("0.001", "0.001 has more than two decimal places"),
        ("99999999999999999999999.99", "99999999999999999999999.99 is out of range"),
        ("-1000000000000", "-1000000000000 is out of range"),
    ],
)
def test_a_decimal_that_is_no_amount_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidAmount, match=f"^{problem}$"):
        parse_minor(text)


def test_a_brazilian_reader_sees_reais() -> None:
    assert [format_brl(minor) for minor in (123_456_789, 5, -100)] == ["R$ 1.234.567,89", "R$ 0,05", "-R$ 1,00"]


def test_halves_go_away_from_zero() -> None:
    assert [round_half_up(Fraction(n, 2)) for n in (1, 3, -1, -3)] == [1, 2, -1, -2]
    assert [round_half_up(Decimal(text)) for text in ("0.5", "1.5", "-0.5", "2.4999")] == [1, 2, -1, 2]


def test_the_largest_remainders_get_what_is_left_and_ties_go_to_the_smaller_key() -> None:
    assert split_by_weights(100, {"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}
    assert split_by_weights(10, {"a": 6, "b": 3, "c": 2}) == {"a": 5, "b": 3, "c": 2}


@given(st.integers(0, 10**12), st.dictionaries(st.integers(), st.integers(0, 10**6), min_size=1, max_size=40))
def test_parts_sum_to_the_whole_and_differ_from_their_share_by_less_than_a_cent(
    total: int, weights: dict[int, int]
) -> None:
    if sum(weights.values()) == 0:
        with pytest.raises(ValueError, match="all weights are zero"):
            split_by_weights(total, weights)
        return
    parts = split_by_weights(total, weights)
    assert sum(parts.values()) == total
    assert parts == split_by_weights(total, dict(reversed(weights.items())))
    for key, part in parts.items():
        assert abs(Fraction(part) - Fraction(total * weights[key], sum(weights.values()))) < 1


@given(st.integers(-(10**13), 10**13))
def test_cents_survive_the_wire(minor: int) -> None:
    assert parse_minor(format(to_decimal(minor), "f")) == minor
