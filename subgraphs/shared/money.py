"""
Money is a whole number of a currency's smallest unit: `12345` is R$ 123.45.

Code and database hold integer cents (`*_minor`). The wire holds decimal strings. No float is ever involved, and
whatever is divided is divided so that the parts sum to the whole.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, TypeVar

AMOUNT_MINOR_MAX = 10**14
"""One trillion reais: far above any business here, far below what a 64-bit column holds."""

DECIMAL_CHARACTERS_MAX = 40
"""Of a number in a request. Longer ones mean nothing here, and reading them would cost more than refusing them."""

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

Key = TypeVar("Key", bound=Any)


class InvalidAmount(ValueError):
    """Raised where a text is no amount of money; the message says what would be."""


def read_decimal(text: object) -> Decimal:
    """
    The number that a decimal string says: `"1234.56"`, `"-5"`.

    The one reader of decimals from outside. Python's own takes much more (`"1_000"`, `"1e3"`, `" 1"`, Arabic digits,
    `"NaN"`), and every part that reads one of these otherwise than another is a difference that somebody lives on.

    Raises InvalidAmount.
    """
    if not isinstance(text, str) or len(text) > DECIMAL_CHARACTERS_MAX or not _DECIMAL.fullmatch(text):
        raise InvalidAmount('a decimal is a string of ASCII digits like "1234.56"')
    return Decimal(text)


def parse_minor(text: object) -> int:
    """Read a decimal amount in reais as whole cents: `"123.45"` is 12345. Raises InvalidAmount, as `to_minor` does."""
    return to_minor(read_decimal(text))


def to_minor(amount: Decimal) -> int:
    """
    A decimal number of reais as whole cents.

    Raises InvalidAmount for fractions of a cent instead of rounding: whoever sends them means something else.
    """
    if abs(amount) >= AMOUNT_MINOR_MAX // 100:
        raise InvalidAmount(f"{amount} is out of range")
    minor = amount.scaleb(2)
    if minor != minor.to_integral_value():
        raise InvalidAmount(f"{amount} has more than two decimal places")
    return int(minor)


def to_decimal(minor: int) -> Decimal:
    """Cents as a decimal number of reais with exactly two places."""
    return Decimal(minor).scaleb(-2)


def format_brl(minor: int) -> str:
    """The way a Brazilian reader writes it: `R$ 1.234,56`."""
    sign = "-" if minor < 0 else ""
    whole, cents = divmod(abs(minor), 100)
    return f"{sign}R$ {whole:,}".replace(",", ".") + f",{cents:02d}"


def format_brl_in_english(minor: int) -> str:
    """The way a reader of English writes it: `R$ 1,234.56`."""
    sign = "-" if minor < 0 else ""
    return f"{sign}R$ {to_decimal(abs(minor)):,}"


def round_half_up(value: Decimal | Fraction) -> int:
    """To the nearest whole number, halves away from zero, as Brazilian credit practice rounds cents."""
    if isinstance(value, Fraction):
        sign = -1 if value < 0 else 1
        return sign * int((2 * abs(value.numerator) + value.denominator) // (2 * value.denominator))
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split_by_weights(total: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """
    Divide *total* in proportion to *weights* so that the parts sum to it exactly (largest remainder method).

    Each part first gets its quota rounded down; the units left over go to the largest remainders, ties to the
    smaller key, so the result does not depend on the order of *weights*.
    """
    if total < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("only amounts and weights of zero or more can be split")
    weight_sum = sum(weights.values())
    if weight_sum == 0:
        raise ValueError("nothing to split by: all weights are zero")
    parts = {key: total * weight // weight_sum for key, weight in weights.items()}
    left_over = total - sum(parts.values())
    by_remainder = sorted(weights, key=lambda key: (-(total * weights[key] % weight_sum), key))
    for key in by_remainder[:left_over]:
        parts[key] += 1
    return parts
