"""What is on a file, whatever its form: facts, tables, notes. Texts are in Portuguese."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from subgraphs.shared import tax_ids
from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.people import Person

Cell = str | int | date | None
"""Cents under a column of money, instants are shown in Brasília; None is an empty cell."""


class Kind(Enum):
    """What a column holds, and so how its cells are written."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    """Integer cents."""
    INSTANT = "instant"

    @property
    def is_number(self) -> bool:
        return self in (Kind.COUNT, Kind.MONEY)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: Kind = Kind.TEXT
    width: int = 1
    """In relation to the other columns' on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    """A cell for each column."""
    title: str = ""
    sums: Sequence[Cell] | None = None
    """A last row, on pages alone: in a spreadsheet it would be counted with the others."""
    if_empty: str = ""
    """Said in place of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    title: str
    facts: Sequence[tuple[str, str]]
    """Label and value, a line each."""
    tables: Sequence[Table]
    notes: Sequence[str] = ()
    made_at: datetime
    is_wide: bool = False
    """Whether its pages lie on their side."""


def in_brasilia(instant: datetime) -> datetime:
    return instant.astimezone(BRASILIA)


def written(kind: Kind, cell: Cell) -> str:
    """*cell* as a Brazilian reader writes it: `-1.234,56`, `23/11/2026 09:00:00`."""
    match kind, cell:
        case _, None:
            return ""
        case Kind.MONEY, int(minor):
            return amount(minor)
        case Kind.INSTANT, datetime() as instant:
            return f"{in_brasilia(instant):%d/%m/%Y %H:%M:%S}"
        case _:
            return str(cell)


def amount(minor: int) -> str:
    """Cents as reais without the currency's sign: `-1.234,56`."""
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}".replace(",", ".") + f",{cents:02d}"


def day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def holder_facts(holder: Person, *, is_masked: bool = False, label: str = "Titular") -> list[tuple[str, str]]:
    """Whose a paper is, with the CPF whole or *is_masked*, or the CNPJ, which is public; if it is proved."""
    if holder.full_name is not None and holder.cnpj is not None:
        return [(label, holder.full_name), ("CNPJ", tax_ids.print_cnpj(holder.cnpj))]
    if holder.full_name is None or holder.cpf is None:
        return [(label, "identidade ainda não verificada")]
    cpf = tax_ids.mask_cpf(holder.cpf) if is_masked else tax_ids.print_cpf(holder.cpf)
    return [(label, holder.full_name), ("CPF", cpf)]
