"""
Money is a whole number of a currency's smallest unit: `12345` is R$ 123.45.

Code and database hold integer cents (`*_minor`). The wire holds decimal strings. No float is ever involved, and
whatever is divided is divided so that the parts sum to the whole.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeVar

CURRENCY = "BRL"
SCALE = Decimal("0.01")

AMOUNT_MINOR_MAX = 10**14
"""One trillion reais: far above any business here, far below what a 64-bit column holds."""

_MAGNITUDE_MAX = 20
"""Digits before the point beyond which nothing needs to be counted to know that it is too much."""

Key = TypeVar("Key", bound=Any)


class InvalidAmount(ValueError):
    """Raised where a text is no amount of money; the message says what would be."""


def parse_minor(text: str | Decimal) -> int:
    """
    Read a decimal amount in reais as whole cents: `"123.45"` is 12345.

    Raises InvalidAmount for fractions of a cent instead of rounding: whoever sends them means something else.
    """
    try:
        amount = Decimal(text)
    except (InvalidOperation, ValueError, TypeError):
        raise InvalidAmount(f"{text!r} is not an amount; write it like 1234.56") from None
    # By magnitude first: arithmetic on 1e999999999 overflows, and on 1e-999999999 ends at zero.
    if not amount.is_finite() or amount.adjusted() > _MAGNITUDE_MAX or abs(amount) >= AMOUNT_MINOR_MAX // 100:
        raise InvalidAmount(f"{text} is out of range")
    if amount and amount.adjusted() < -2:
        raise InvalidAmount(f"{text} has more than two decimal places")
    minor = amount.scaleb(2)
    if minor != minor.to_integral_value():
        raise InvalidAmount(f"{text} has more than two decimal places")
    return int(minor)


def to_decimal(minor: int) -> Decimal:
    """Cents as a decimal number of reais with exactly two places."""
    return Decimal(minor).scaleb(-2)


def format_brl(minor: int) -> str:
    """The way a Brazilian reader writes it: `R$ 1.234,56`."""
    sign = "-" if minor < 0 else ""
    whole, cents = divmod(abs(minor), 100)
    return f"{sign}R$ {whole:,}".replace(",", ".") + f",{cents:02d}"


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
