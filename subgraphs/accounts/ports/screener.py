"""Who knows the lists of people under sanctions, and of politically exposed ones (PEP)."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from subgraphs.accounts.models.vocabulary import ScreeningList


class ScreenerUnavailable(Exception):
    """It does not answer, or not in time; it is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is looked up."""

    full_name: str
    tax_id: str = field(repr=False)
    """CPF or CNPJ."""
    birth_date: date | None = field(repr=False)
    """None of a company."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that may be the subject: names are alike, or the numbers are the same. A person decides."""

    kind: ScreeningList
    list_name: str
    """Whose list: `CSNU 1267`, `PEP CGU`."""
    entry: str
    """The list's own name of the entry."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What the lists of one day have on somebody."""

    list_date: date
    matches: tuple[Match, ...]


class Screener(Protocol):
    """Both may raise ScreenerUnavailable; neither is called inside a database transaction."""

    async def find_list_date(self) -> date:
        """Of which day the newest lists are."""
        ...

    async def screen(self, subject: Subject) -> Screened:
        """What the newest lists have on *subject*."""
        ...
