"""An investor's year, summed by CPR."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select

from subgraphs.distribution.models import Distribution, Funding, Payout, PayoutStatus, Position, QuotaSwap, TaxTreatment
from subgraphs.shared.reading import Reader


@dataclass(frozen=True)
class CreditedSums:
    """What one CPR brought an investor in some time."""

    cpr_id: UUID
    payout_count: int
    principal_minor: int
    interest_minor: int
    exempt_interest_minor: int
    fee_minor: int
    tax_minor: int
    net_minor: int


_EXEMPT = func.sum(Payout.interest_minor).filter(Payout.tax_treatment == TaxTreatment.EXEMPT)
_CREDITED = (
    select(
        Payout.cpr_id,
        func.count(),
        func.sum(Payout.principal_minor),
        func.sum(Payout.interest_minor),
        func.coalesce(_EXEMPT, 0),
        func.sum(Payout.fee_minor),
        func.sum(Payout.tax_minor),
        func.sum(Payout.net_minor),
    )
    .where(
        Payout.investor_id == bindparam("investor_id"),
        Payout.status == PayoutStatus.CREDITED,
        Payout.credited_at >= bindparam("start"),
        Payout.credited_at < bindparam("end"),
    )
    .group_by(Payout.cpr_id)
    .order_by(Payout.cpr_id)
)


async def sum_credited(session: Reader, investor_id: UUID, *, start: datetime, end: datetime) -> list[CreditedSums]:
    """By CPR, what was credited from *start* until before *end*."""
    values = {"investor_id": investor_id, "start": start, "end": end}
    rows = (await session.execute(_CREDITED, values)).all()
    return [CreditedSums(row[0], *(int(value) for value in row[1:])) for row in rows]


@dataclass(frozen=True)
class SoldSums:
    """What selling quotas of one CPR brought in some time."""

    cpr_id: UUID
    quota_count: int
    price_minor: int
    cost_minor: int
    fee_minor: int
    tax_minor: int


_SOLD = (
    select(
        QuotaSwap.cpr_id,
        func.sum(QuotaSwap.quota_count),
        func.sum(QuotaSwap.price_minor),
        func.sum(QuotaSwap.cost_minor),
        func.sum(QuotaSwap.fee_minor),
        func.sum(QuotaSwap.tax_minor),
    )
    .where(
        QuotaSwap.seller_id == bindparam("seller_id"),
        QuotaSwap.swapped_at >= bindparam("start"),
        QuotaSwap.swapped_at < bindparam("end"),
    )
    .group_by(QuotaSwap.cpr_id)
    .order_by(QuotaSwap.cpr_id)
)


async def sum_sold(session: Reader, seller_id: UUID, *, start: datetime, end: datetime) -> list[SoldSums]:
    """By CPR, what was sold from *start* until before *end*."""
    values = {"seller_id": seller_id, "start": start, "end": end}
    return [
        SoldSums(row[0], *(int(value) for value in row[1:])) for row in (await session.execute(_SOLD, values)).all()
    ]


_AT = bindparam("at", type_=Position.valid_from.type)
_SOLD_BEFORE = (
    select(func.coalesce(func.sum(QuotaSwap.quota_count), 0))
    .where(QuotaSwap.seller_position_id == Position.id, QuotaSwap.swapped_at < _AT)
    .correlate(Position)
    .scalar_subquery()
)
_HELD = (
    select(Position.cpr_id, func.sum(Position.quota_count - _SOLD_BEFORE).label("quotas"))
    .where(
        Position.investor_id == bindparam("investor_id"),
        Position.valid_from < _AT,
        or_(Position.valid_to.is_(None), Position.valid_to >= _AT),
    )
    .group_by(Position.cpr_id)
    .subquery()
)
_REPAID = (
    select(func.coalesce(func.sum(Distribution.principal_minor), 0))
    .where(Distribution.cpr_id == _HELD.c.cpr_id, Distribution.paid_at < _AT)
    .scalar_subquery()
)
_BALANCES = (
    select(_HELD.c.cpr_id, _HELD.c.quotas, Funding.quota_count, Funding.principal_minor, _REPAID)
    .join(Funding, and_(Funding.cpr_id == _HELD.c.cpr_id, Funding.funded_at < _AT))
    .order_by(_HELD.c.cpr_id)
)


async def list_balances(session: Reader, investor_id: UUID, at: datetime) -> Sequence[tuple[UUID, int, int, int, int]]:
    """
    What an investor had in each CPR just before an instant.

    A row is (CPR, their quotas, all quotas, principal lent, principal repaid).
    """
    rows = (await session.execute(_BALANCES, {"investor_id": investor_id, "at": at})).all()
    return [(row[0], int(row[1]), row[2], row[3], int(row[4])) for row in rows]
