"""
The boleto: a bank slip by its barcode (44 digits) and the line that people type (47 digits).

    barcode   bank(3) currency(1) check(1) due factor(4) amount(10) free field(25)
    line      bank currency free[0:5] c1 · free[5:15] c2 · free[15:25] c3 · check · due factor amount

c1..c3 are mod-10 digits of their parts, `check` is the mod-11 digit of the whole barcode. Source: FEBRABAN,
"Layout padrão de arrecadação e cobrança"; due factor: FEBRABAN Comunicado FB-082/2012 (restart at 1000).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

REAL = "9"
"""The currency digit."""

FACTOR_FIRST = 1000
FACTOR_LAST = 9999
_CYCLE_DAYS = FACTOR_LAST - FACTOR_FIRST + 1
_FIRST_CYCLE = date(2000, 7, 3)
"""The day of factor 1000: 1997-10-07 plus 1000 days. It came again on 2025-02-22 and does so every 9,000 days."""

AMOUNT_MINOR_LIMIT = 10**10
"""Ten digits of cents."""

_BARCODE = re.compile(r"[0-9]{44}")
_LINE = re.compile(r"[0-9]{47}")


class MalformedBoleto(ValueError):
    """A barcode or line that no bank would take; the message says why."""


@dataclass(frozen=True)
class Boleto:
    """What a boleto says. *free_field* is the issuing bank's own: it names the charge."""

    bank_code: str
    due_on: date
    amount_minor: int
    free_field: str

    @property
    def barcode(self) -> str:
        """Raises ValueError for what does not fit."""
        if not re.fullmatch("[0-9]{3}", self.bank_code) or not re.fullmatch("[0-9]{25}", self.free_field):
            raise ValueError("the bank has 3 digits and the free field 25")
        if not 0 < self.amount_minor < AMOUNT_MINOR_LIMIT:
            raise ValueError("the amount does not fit on a boleto")
        head = f"{self.bank_code}{REAL}"
        tail = f"{due_factor(self.due_on):04d}{self.amount_minor:010d}{self.free_field}"
        return f"{head}{mod11(head + tail)}{tail}"

    @property
    def line(self) -> str:
        return line_of(self.barcode)

    @classmethod
    def of_barcode(cls, barcode: str, *, near: date) -> "Boleto":
        """
        Read a barcode. Factors repeat every 9,000 days, so the due date is the one that is nearest to *near*.

        Raises MalformedBoleto.
        """
        if not _BARCODE.fullmatch(barcode):
            raise MalformedBoleto("a barcode has 44 digits")
        if barcode[4] != str(mod11(barcode[:4] + barcode[5:])):
            raise MalformedBoleto("the check digit is wrong")
        return cls(
            bank_code=barcode[:3],
            due_on=due_date(int(barcode[5:9]), near=near),
            amount_minor=int(barcode[9:19]),
            free_field=barcode[19:],
        )

    @classmethod
    def of_line(cls, line: str, *, near: date) -> "Boleto":
        """Read a typed line, with or without dots and spaces. Raises MalformedBoleto."""
        return cls.of_barcode(barcode_of(line), near=near)


def mod10(digits: str) -> int:
    """The check digit of a part of the line: weights 2, 1, 2, … from the right, digits of the products added up."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 if place % 2 else 2)
        total += product // 10 + product % 10
    return -total % 10


def mod11(digits: str) -> int:
    """The check digit of a barcode: weights 2 to 9 from the right; what would be 0, 10 or 11 is 1."""
    total = sum(int(digit) * (place % 8 + 2) for place, digit in enumerate(reversed(digits)))
    check = 11 - total % 11
    return 1 if check in (0, 10, 11) else check


def due_factor(due_on: date) -> int:
    """Days since the start of the cycle that *due_on* is in, from 1000. Raises ValueError before 2000-07-03."""
    if due_on < _FIRST_CYCLE:
        raise ValueError("due dates before 2000-07-03 have no factor of four digits")
    return FACTOR_FIRST + (due_on - _FIRST_CYCLE).days % _CYCLE_DAYS


def due_date(factor: int, *, near: date) -> date:
    """The day that *factor* means, among those it can mean the one nearest to *near*. Raises MalformedBoleto."""
    if not FACTOR_FIRST <= factor <= FACTOR_LAST:
        raise MalformedBoleto(f"{factor} is no due-date factor")
    first = _FIRST_CYCLE + timedelta(days=factor - FACTOR_FIRST)
    cycles = max(0, ((near - first).days + _CYCLE_DAYS // 2) // _CYCLE_DAYS)
    return first + timedelta(days=cycles * _CYCLE_DAYS)


def line_of(barcode: str) -> str:
    """The 47 digits that people type for a barcode."""
    head, check, due_and_amount, free = barcode[:4], barcode[4], barcode[5:19], barcode[19:]
    parts = (head + free[:5], free[5:15], free[15:])
    return "".join(f"{part}{mod10(part)}" for part in parts) + check + due_and_amount


def barcode_of(line: str) -> str:
    """The barcode of a typed line. Raises MalformedBoleto when a check digit tells of a typing error."""
    digits = re.sub(r"[.\s-]", "", line)
    if not _LINE.fullmatch(digits):
        raise MalformedBoleto("the line has 47 digits")
    parts = (digits[:10], digits[10:21], digits[21:32])
    for number, part in enumerate(parts, start=1):
        if mod10(part[:-1]) != int(part[-1]):
            raise MalformedBoleto(f"field {number} has a wrong check digit")
    free = parts[0][4:9] + parts[1][:-1] + parts[2][:-1]
    return digits[:4] + digits[32] + digits[33:] + free


def format_line(line: str) -> str:
    """As printed: `00190.50095 40144.816069 06809.350314 3 37370000000100`."""
    return f"{line[:5]}.{line[5:10]} {line[10:15]}.{line[15:21]} {line[21:26]}.{line[26:32]} {line[32]} {line[33:]}"
