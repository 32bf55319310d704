"""Offerings that an investor looks for, in the order asked for, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import ColumnElement, Numeric, Select, bindparam, cast, select

from subgraphs.marketplace.crud.sorted_lists import Order, Place, SortKey, beyond, in_order, read_whole, values_of
from subgraphs.marketplace.models import Offering, OfferingStatus
from subgraphs.shared.instants import read_instant
from subgraphs.shared.money import read_decimal
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


class OfferingSort(StrEnum):
    """The order of a list of offerings."""

    CLOSING_SOON = "CLOSING_SOON"
    """The nearest deadline first."""
    NEWEST = "NEWEST"
    """The latest opened first."""
    HIGHEST_RATE = "HIGHEST_RATE"
    """The highest rate per year first."""
    SHORTEST_TERM = "SHORTEST_TERM"
    """The fewest months first."""
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


FUNDED_SHARE = cast(Offering.funded_quotas, Numeric(40, 20)) / Offering.quota_count

SORT_KEYS: dict[OfferingSort, SortKey[Offering]] = {
    OfferingSort.CLOSING_SOON: SortKey(Order(Offering.closes_at, Offering.id), lambda row: row.closes_at, read_instant),
    OfferingSort.NEWEST: SortKey(
        Order(Offering.opened_at, Offering.id, descending=True), lambda row: row.opened_at, read_instant
    ),
    OfferingSort.HIGHEST_RATE: SortKey(
        Order(Offering.annual_rate, Offering.id, descending=True), lambda row: row.annual_rate, read_decimal
    ),
    OfferingSort.SHORTEST_TERM: SortKey(
        Order(Offering.term_months, Offering.id), lambda row: row.term_months, read_whole
    ),
    # In whole millionths: a quotient that Python and the database round differently would lose a place.
    OfferingSort.MOST_FUNDED: SortKey(
        Order(Offering.funded_quotas * 1_000_000 / Offering.quota_count, Offering.id, descending=True),
        lambda row: row.funded_quotas * 1_000_000 // row.quota_count,
        read_whole,
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
    session: Reader, wanted: OfferingFilter, sort: OfferingSort, *, after: Place | None, limit: int
) -> Sequence[Offering]:
    """Up to *limit* offerings that fit, after the sort value and id in *after*."""
    values = values_of(wanted)
    statement = beyond(_search(frozenset(values), sort), SORT_KEYS[sort].order, after)
    return (await session.scalars(statement, {**values, "limit": limit})).all()


@lru_cache
def _search(filters: frozenset[str], sort: OfferingSort) -> Select[Offering]:
    conditions = [condition for name, condition in _CONDITIONS.items() if name in filters]
    return in_order(select(Offering).where(*conditions), SORT_KEYS[sort].order).limit(bindparam("limit"))
