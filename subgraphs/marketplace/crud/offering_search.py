"""
Offerings that an investor looks for, in the order asked for, page by page.

A page continues after the sort key and id of the last offering seen, so it stays right while offerings come and go.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, bindparam, cast, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.marketplace.models import Offering, OfferingStatus
from subgraphs.shared.instants import read_instant
from subgraphs.shared.money import read_decimal
from subgraphs.shared.statements import is_any_of


class OfferingSort(StrEnum):
    """The order of a list of offerings."""

    CLOSING_SOON = "CLOSING_SOON"
    """The nearest deadline first."""
    NEWEST = "NEWEST"
    HIGHEST_RATE = "HIGHEST_RATE"
    SHORTEST_TERM = "SHORTEST_TERM"
    MOST_FUNDED = "MOST_FUNDED"
    """The largest funded share first."""


@dataclass(frozen=True)
class OfferingFilter:
    """What offerings are looked for; None looks for all."""

    statuses: Sequence[OfferingStatus] | None = None
    regions: Sequence[str] | None = None
    crops: Sequence[str] | None = None
    grades: Sequence[str] | None = None
    annual_rate_min: Decimal | None = None
    annual_rate_max: Decimal | None = None
    term_months_min: int | None = None
    term_months_max: int | None = None
    funded_share_min: Decimal | None = None
    funded_share_max: Decimal | None = None


@dataclass(frozen=True)
class SortKey:
    """What a sort goes by, and how to read one of its values back from a cursor."""

    expression: ColumnElement[Any] | InstrumentedAttribute[Any]
    value_of: Callable[[Offering], Any]
    parse: Callable[[str], Any]
    descending: bool = False


def read_whole(text: str) -> int:
    """A whole number of a cursor. Raises ValueError for what is none."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("not a whole number that a page could end with")
    return int(text)


_WHOLE = re.compile(r"[0-9]{1,9}")

FUNDED_SHARE = cast(Offering.funded_quotas, Numeric(40, 20)) / Offering.quota_count

SORT_KEYS: dict[OfferingSort, SortKey] = {
    OfferingSort.CLOSING_SOON: SortKey(Offering.closes_at, lambda row: row.closes_at, read_instant),
    OfferingSort.NEWEST: SortKey(Offering.opened_at, lambda row: row.opened_at, read_instant, descending=True),
    OfferingSort.HIGHEST_RATE: SortKey(
        Offering.annual_rate, lambda row: row.annual_rate, read_decimal, descending=True
    ),
    OfferingSort.SHORTEST_TERM: SortKey(Offering.term_months, lambda row: row.term_months, read_whole),
    # In whole millionths: a quotient that Python and the database round differently would lose a place.
    OfferingSort.MOST_FUNDED: SortKey(
        Offering.funded_quotas * 1_000_000 / Offering.quota_count,
        lambda row: row.funded_quotas * 1_000_000 // row.quota_count,
        read_whole,
        descending=True,
    ),
}


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "status": Offering.status == bindparam("status"),
    "statuses": is_any_of(Offering.status, "statuses"),
    "regions": is_any_of(Offering.region, "regions"),
    "crops": is_any_of(Offering.crop, "crops"),
    "grades": is_any_of(Offering.grade, "grades"),
    "annual_rate_min": Offering.annual_rate >= bindparam("annual_rate_min"),
    "annual_rate_max": Offering.annual_rate <= bindparam("annual_rate_max"),
    "term_months_min": Offering.term_months >= bindparam("term_months_min"),
    "term_months_max": Offering.term_months <= bindparam("term_months_max"),
    "funded_share_min": bindparam("funded_share_min") <= FUNDED_SHARE,
    "funded_share_max": bindparam("funded_share_max") >= FUNDED_SHARE,
}
"""By the filter's field that asks for it, which also names its value; one status is no list."""


async def search_offerings(
    session: AsyncSession, wanted: OfferingFilter, sort: OfferingSort, *, after: tuple[Any, UUID] | None, limit: int
) -> Sequence[Offering]:
    """Up to *limit* offerings that fit, after the sort value and id in *after*."""
    values = {name: value for name, value in vars(wanted).items() if value is not None}
    if wanted.statuses is not None and len(wanted.statuses) == 1:
        # An index by status gives its rows in the order of a page only where one status is asked for, not a list.
        [values["status"]] = values.pop("statuses")
    statement = _search(frozenset(values), sort)
    if after is not None:
        key, here = SORT_KEYS[sort], tuple_(*after)
        place = tuple_(key.expression, Offering.id)
        statement = statement.where(place < here if key.descending else place > here)
    return (await session.scalars(statement, {**values, "limit": limit})).all()


@lru_cache
def _search(filters: frozenset[str], sort: OfferingSort) -> Select[Offering]:
    key = SORT_KEYS[sort]
    order = (key.expression.desc(), Offering.id.desc()) if key.descending else (key.expression.asc(), Offering.id.asc())
    conditions = [condition for name, condition in _CONDITIONS.items() if name in filters]
    return select(Offering).where(*conditions).order_by(*order).limit(bindparam("limit"))
