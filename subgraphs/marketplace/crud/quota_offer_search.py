"""
Offers of quotas that a buyer looks for, in the order asked for, page by page.

A page continues after the sort key and id of the last offer seen, so it stays right while offers come and go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.marketplace.crud.offering_search import read_whole
from subgraphs.marketplace.models import Offering, QuotaOffer, QuotaOfferStatus
from subgraphs.shared.instants import read_instant
from subgraphs.shared.money import read_decimal


class QuotaOfferSort(StrEnum):
    """The order of a list of offers of quotas."""

    CHEAPEST = "CHEAPEST"
    """The lowest price of a quota first."""
    NEWEST = "NEWEST"
    HIGHEST_RATE = "HIGHEST_RATE"
    """By the CPR's rate per year."""


Found = tuple[QuotaOffer, Offering]


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
    value_of: Callable[[Found], Any]
    parse: Callable[[str], Any]
    descending: bool = False


QUOTA_OFFER_SORT_KEYS: dict[QuotaOfferSort, QuotaOfferSortKey] = {
    QuotaOfferSort.CHEAPEST: QuotaOfferSortKey(QuotaOffer.price_minor, lambda row: row[0].price_minor, read_whole),
    QuotaOfferSort.NEWEST: QuotaOfferSortKey(
        QuotaOffer.offered_at, lambda row: row[0].offered_at, read_instant, descending=True
    ),
    QuotaOfferSort.HIGHEST_RATE: QuotaOfferSortKey(
        Offering.annual_rate, lambda row: row[1].annual_rate, read_decimal, descending=True
    ),
}


async def search_quota_offers(
    session: AsyncSession,
    wanted: QuotaOfferFilter,
    sort: QuotaOfferSort,
    *,
    after: tuple[Decimal | Any, UUID] | None,
    limit: int,
) -> Sequence[Found]:
    """Up to *limit* offers that fit, each with its CPR's offering, after the sort value and id in *after*."""
    key = QUOTA_OFFER_SORT_KEYS[sort]
    order = (key.expression.desc(), QuotaOffer.id.desc()) if key.descending else (key.expression, QuotaOffer.id)
    statement = select(QuotaOffer, Offering).join(Offering, Offering.id == QuotaOffer.offering_id)
    statement = statement.where(*_conditions(wanted)).order_by(*order).limit(limit)
    if after is not None:
        place, here = tuple_(key.expression, QuotaOffer.id), tuple_(*after)
        statement = statement.where(place < here if key.descending else place > here)
    return [(offer, offering) for offer, offering in await session.execute(statement)]


def _conditions(wanted: QuotaOfferFilter) -> list[ColumnElement[bool]]:
    asked: list[tuple[object, ColumnElement[bool]]] = [
        (wanted.cpr_id, QuotaOffer.cpr_id == wanted.cpr_id),
        (wanted.seller_id, QuotaOffer.seller_id == wanted.seller_id),
        (wanted.statuses, QuotaOffer.status.in_(wanted.statuses or ())),
        (wanted.crops, Offering.crop.in_(wanted.crops or ())),
        (wanted.grades, Offering.grade.in_(wanted.grades or ())),
        (wanted.regions, Offering.region.in_(wanted.regions or ())),
        (wanted.price_minor_max, QuotaOffer.price_minor <= (wanted.price_minor_max or 0)),
    ]
    return [condition for value, condition in asked if value is not None]
