"""
Offerings that an investor looks for, in the order asked for, page by page.

A page continues after the sort key and id of the last offering seen, so it stays right while offerings come and go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, cast, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.marketplace.models import Offering, OfferingStatus


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


FUNDED_SHARE = cast(Offering.funded_quotas, Numeric(40, 20)) / Offering.quota_count

SORT_KEYS: dict[OfferingSort, SortKey] = {
    OfferingSort.CLOSING_SOON: SortKey(Offering.closes_at, lambda row: row.closes_at, datetime.fromisoformat),
    OfferingSort.NEWEST: SortKey(
        Offering.opened_at, lambda row: row.opened_at, datetime.fromisoformat, descending=True
    ),
    OfferingSort.HIGHEST_RATE: SortKey(Offering.annual_rate, lambda row: row.annual_rate, Decimal, descending=True),
    OfferingSort.SHORTEST_TERM: SortKey(Offering.term_months, lambda row: row.term_months, int),
    # In whole millionths: a quotient that Python and the database round differently would lose a place.
    OfferingSort.MOST_FUNDED: SortKey(
        Offering.funded_quotas * 1_000_000 / Offering.quota_count,
        lambda row: row.funded_quotas * 1_000_000 // row.quota_count,
        int,
        descending=True,
    ),
}


async def search_offerings(
    session: AsyncSession, wanted: OfferingFilter, sort: OfferingSort, *, after: tuple[Any, UUID] | None, limit: int
) -> Sequence[Offering]:
    """Up to *limit* offerings that fit, after the sort value and id in *after*."""
    key = SORT_KEYS[sort]
    statement = select(Offering).where(*_conditions(wanted))
    if after is not None:
        place, here = tuple_(key.expression, Offering.id), tuple_(*after)
        statement = statement.where(place < here if key.descending else place > here)
    order = (key.expression.desc(), Offering.id.desc()) if key.descending else (key.expression.asc(), Offering.id.asc())
    return (await session.scalars(statement.order_by(*order).limit(limit))).all()


def _conditions(wanted: OfferingFilter) -> list[ColumnElement[bool]]:
    members: list[tuple[ColumnElement[Any], Sequence[Any] | None]] = [
        (Offering.status.expression, wanted.statuses),
        (Offering.region.expression, wanted.regions),
        (Offering.crop.expression, wanted.crops),
        (Offering.grade.expression, wanted.grades),
    ]
    bounds: list[tuple[ColumnElement[Any], Any, Any]] = [
        (Offering.annual_rate.expression, wanted.annual_rate_min, wanted.annual_rate_max),
        (Offering.term_months.expression, wanted.term_months_min, wanted.term_months_max),
        (FUNDED_SHARE, wanted.funded_share_min, wanted.funded_share_max),
    ]
    return [
        *(column.in_(values) for column, values in members if values is not None),
        *(column >= low for column, low, _ in bounds if low is not None),
        *(column <= high for column, _, high in bounds if high is not None),
    ]
