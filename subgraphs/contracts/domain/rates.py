"""Rates as they travel: plain decimal text."""

from decimal import Decimal


def rate_text(rate: Decimal) -> str:
    """`0.180000` as `0.18`, never with an exponent."""
    return format(rate.normalize(), "f")
