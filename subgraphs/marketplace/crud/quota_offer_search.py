"""Offers of quotas that a buyer looks for, in the order asked for, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select

from subgraphs.marketplace.crud.sorted_lists import Order, Place, SortKey, beyond, in_order, read_whole, values_of
from subgraphs.marketplace.models import Offering, QuotaOffer, QuotaOfferStatus
from subgraphs.shared.instants import read_instant
from subgraphs.shared.money import read_decimal
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


class QuotaOfferSort(StrEnum):
    """The order of a list of offers of quotas."""

    CHEAPEST = "CHEAPEST"
    """The lowest price of a quota first."""
    NEWEST = "NEWEST"
    """The latest offered first."""
    HIGHEST_RATE = "HIGHEST_RATE"
    """The highest rate per year of the CPR first."""


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


QUOTA_OFFER_SORT_KEYS: dict[QuotaOfferSort, SortKey[QuotaOffer]] = {
    QuotaOfferSort.CHEAPEST: SortKey(
        Order(QuotaOffer.price_minor, QuotaOffer.id), lambda row: row.price_minor, read_whole
    ),
    QuotaOfferSort.NEWEST: SortKey(
        Order(QuotaOffer.offered_at, QuotaOffer.id, descending=True), lambda row: row.offered_at, read_instant
    ),
    QuotaOfferSort.HIGHEST_RATE: SortKey(
        Order(QuotaOffer.annual_rate, QuotaOffer.id, descending=True), lambda row: row.annual_rate, read_decimal
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
    session: Reader,
    wanted: QuotaOfferFilter,
    sort: QuotaOfferSort,
    *,
    after: Place | None,
    limit: int,
) -> Sequence[QuotaOffer]:
    """Up to *limit* offers that fit, after the sort value and id in *after*."""
    values = values_of(wanted)
    statement = beyond(_search(frozenset(values), sort), QUOTA_OFFER_SORT_KEYS[sort].order, after)
    return (await session.scalars(statement, {**values, "limit": limit})).all()


@lru_cache
def _search(filters: frozenset[str], sort: QuotaOfferSort) -> Select[QuotaOffer]:
    conditions = [condition for name, condition in _CONDITIONS.items() if name in filters]
    order = QUOTA_OFFER_SORT_KEYS[sort].order
    statement = in_order(select(QuotaOffer).where(*conditions), order).limit(bindparam("limit"))
    if filters.isdisjoint(_OF_THE_CPR):
        return statement
    return statement.join(Offering, Offering.id == QuotaOffer.offering_id)
