"""Tax ids that nobody has, with right check digits (Receita Federal's modulus 11)."""

from collections.abc import Callable

_BASE = 11
_CNPJ_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9)


def cpf_of(number: int) -> str:
    """The CPF of the nine digits of *number*."""
    return _checked(f"{number:09d}", lambda place: place + 2)


def cnpj_of(number: int) -> str:
    """The CNPJ of the twelve digits of *number*."""
    return _checked(f"{number:012d}", lambda place: _CNPJ_WEIGHTS[place % len(_CNPJ_WEIGHTS)])


def _checked(digits: str, weight: Callable[[int], int]) -> str:
    """With the two digits that check them, weighed by their places from the right."""
    for _ in range(2):
        total = sum(int(digit) * weight(place) for place, digit in enumerate(reversed(digits)))
        digits += str(total * 10 % _BASE % 10)
    return digits
