"""
Offers of quotas that a buyer looks for, in the order asked for, page by page.

A page continues after the sort key and id of the last offer seen, so it stays right while offers come and go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.marketplace.crud.offering_search import read_whole
from subgraphs.marketplace.models import Offering, QuotaOffer, QuotaOfferStatus
from subgraphs.shared.instants import read_instant
from subgraphs.shared.money import read_decimal
from subgraphs.shared.statements import is_any_of


class QuotaOfferSort(StrEnum):
    """The order of a list of offers of quotas."""

    CHEAPEST = "CHEAPEST"
    """The lowest price of a quota first."""
    NEWEST = "NEWEST"
    HIGHEST_RATE = "HIGHEST_RATE"
    """By the CPR's rate per year."""


@dataclass(frozen=True)
class QuotaOfferFilter:
    """What offers are looked for; None looks for all."""

    cpr_id: UUID | None = None
    seller_id: UUID | None = None
    statuses: Sequence[QuotaOfferStatus] | None = None
    crops: Sequence[str] | None = None
    grades: Sequence[str] | None = None
    regions: Sequence[str] | None = None
    price_minor_max: int | None = None


@dataclass(frozen=True)
class QuotaOfferSortKey:
    """What a sort goes by, and how to read one of its values back from a cursor."""

    expression: ColumnElement[Any] | InstrumentedAttribute[Any]
    value_of: Callable[[QuotaOffer], Any]
    parse: Callable[[str], Any]
    descending: bool = False


QUOTA_OFFER_SORT_KEYS: dict[QuotaOfferSort, QuotaOfferSortKey] = {
    QuotaOfferSort.CHEAPEST: QuotaOfferSortKey(QuotaOffer.price_minor, lambda row: row.price_minor, read_whole),
    QuotaOfferSort.NEWEST: QuotaOfferSortKey(
        QuotaOffer.offered_at, lambda row: row.offered_at, read_instant, descending=True
    ),
    QuotaOfferSort.HIGHEST_RATE: QuotaOfferSortKey(
        QuotaOffer.annual_rate, lambda row: row.annual_rate, read_decimal, descending=True
    ),
}


_OF_THE_CPR: dict[str, ColumnElement[bool]] = {
    "crops": is_any_of(Offering.crop, "crops"),
    "grades": is_any_of(Offering.grade, "grades"),
    "regions": is_any_of(Offering.region, "regions"),
}
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "cpr_id": QuotaOffer.cpr_id == bindparam("cpr_id"),
    "seller_id": QuotaOffer.seller_id == bindparam("seller_id"),
    "status": QuotaOffer.status == bindparam("status"),
    "statuses": is_any_of(QuotaOffer.status, "statuses"),
    "price_minor_max": QuotaOffer.price_minor <= bindparam("price_minor_max"),
    **_OF_THE_CPR,
}
"""By the filter's field that asks for it, which also names its value; one status is no list."""


async def search_quota_offers(
    session: AsyncSession,
    wanted: QuotaOfferFilter,
    sort: QuotaOfferSort,
    *,
    after: tuple[Decimal | Any, UUID] | None,
    limit: int,
) -> Sequence[QuotaOffer]:
    """Up to *limit* offers that fit, after the sort value and id in *after*."""
    values = {name: value for name, value in vars(wanted).items() if value is not None}
    if wanted.statuses is not None and len(wanted.statuses) == 1:
        # An index by status gives its rows in the order of a page only where one status is asked for, not a list.
        [values["status"]] = values.pop("statuses")
    statement = _search(frozenset(values), sort)
    if after is not None:
        key, here = QUOTA_OFFER_SORT_KEYS[sort], tuple_(*after)
        place = tuple_(key.expression, QuotaOffer.id)
        statement = statement.where(place < here if key.descending else place > here)
    return (await session.scalars(statement, {**values, "limit": limit})).all()


@lru_cache
def _search(filters: frozenset[str], sort: QuotaOfferSort) -> Select[QuotaOffer]:
    key = QUOTA_OFFER_SORT_KEYS[sort]
    order = (key.expression.desc(), QuotaOffer.id.desc()) if key.descending else (key.expression, QuotaOffer.id)
    conditions = [condition for name, condition in _CONDITIONS.items() if name in filters]
    statement = select(QuotaOffer).where(*conditions).order_by(*order).limit(bindparam("limit"))
    if filters.isdisjoint(_OF_THE_CPR):
        return statement
    return statement.join(Offering, Offering.id == QuotaOffer.offering_id)
