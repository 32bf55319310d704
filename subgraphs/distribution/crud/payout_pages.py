"""Payouts and distributions as people read them: the newest payment first, page by page, only what is theirs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.distribution.models import Distribution, Payout, Position, UndistributedPayment

Place = tuple[datetime, UUID]
"""The sort key of the last row of the page before."""


def _after(statement: Select[Payout], place: Place | None) -> Select[Payout]:
    return statement if place is None else statement.where(tuple_(Payout.paid_at, Payout.id) < tuple_(*place))


async def list_payouts(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Payout]:
    return (await session.scalars(select(Payout).where(Payout.id.in_(ids)))).all()


async def list_payouts_of_investor(
    session: AsyncSession, investor_id: UUID, *, after: Place | None, limit: int
) -> Sequence[Payout]:
    statement = _after(select(Payout).where(Payout.investor_id == investor_id), after)
    return (await session.scalars(statement.order_by(Payout.paid_at.desc(), Payout.id.desc()).limit(limit))).all()


async def list_payouts_of_distribution(
    session: AsyncSession, distribution_id: UUID, *, investor_id: UUID | None, after: Place | None, limit: int
) -> Sequence[Payout]:
    """Those of one investor, or all when none is named."""
    statement = _after(select(Payout).where(Payout.distribution_id == distribution_id), after)
    if investor_id is not None:
        statement = statement.where(Payout.investor_id == investor_id)
    return (await session.scalars(statement.order_by(Payout.paid_at.desc(), Payout.id.desc()).limit(limit))).all()


async def list_payouts_of_investments(
    session: AsyncSession,
    investment_ids: Sequence[UUID],
    *,
    investor_id: UUID | None,
    after: Place | None,
    limit: int,
) -> dict[UUID, list[Payout]]:
    """The newest *limit* of each investment, in one statement; those of one investor, or all when none is named."""
    statement = _after(select(Payout).where(Payout.investment_id.in_(investment_ids)), after)
    if investor_id is not None:
        statement = statement.where(Payout.investor_id == investor_id)
    newest_first = (Payout.paid_at.desc(), Payout.id.desc())
    place = func.row_number().over(partition_by=Payout.investment_id, order_by=newest_first).label("place")
    ranked = statement.add_columns(place).subquery()
    ranked_payout = aliased(Payout, ranked)
    best = select(ranked_payout).where(ranked.c.place <= limit).order_by(ranked.c.place)
    found: dict[UUID, list[Payout]] = {}
    for payout in await session.scalars(best):
        found.setdefault(payout.investment_id, []).append(payout)
    return found


async def list_holders(session: AsyncSession, investment_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Everybody who has held quotas of each investment."""
    statement = select(Position.investment_id, Position.investor_id).where(Position.investment_id.in_(investment_ids))
    holders: dict[UUID, set[UUID]] = {}
    for investment_id, investor_id in (await session.execute(statement)).tuples():
        holders.setdefault(investment_id, set()).add(investor_id)
    return holders


def _visible(investor_id: UUID | None) -> Select[Distribution]:
    """Distributions in which *investor_id* has a part, or all when none is named."""
    if investor_id is None:
        return select(Distribution)
    has_part = select(Payout.id).where(Payout.distribution_id == Distribution.id, Payout.investor_id == investor_id)
    return select(Distribution).where(has_part.exists())


async def list_visible(session: AsyncSession, ids: Sequence[UUID], investor_id: UUID | None) -> Sequence[Distribution]:
    return (await session.scalars(_visible(investor_id).where(Distribution.id.in_(ids)))).all()


async def list_visible_of_installments(
    session: AsyncSession, installment_ids: Sequence[UUID], investor_id: UUID | None
) -> Sequence[Distribution]:
    statement = _visible(investor_id).where(Distribution.installment_id.in_(installment_ids))
    return (await session.scalars(statement)).all()


async def list_visible_of_cpr(
    session: AsyncSession, cpr_id: UUID, investor_id: UUID | None, *, after: Place | None, limit: int
) -> Sequence[Distribution]:
    statement = _visible(investor_id).where(Distribution.cpr_id == cpr_id)
    if after is not None:
        statement = statement.where(tuple_(Distribution.paid_at, Distribution.id) < tuple_(*after))
    newest_first = (Distribution.paid_at.desc(), Distribution.id.desc())
    return (await session.scalars(statement.order_by(*newest_first).limit(limit))).all()


async def list_undistributed(
    session: AsyncSession, *, after: Place | None, limit: int
) -> Sequence[UndistributedPayment]:
    statement = select(UndistributedPayment)
    here = (UndistributedPayment.received_at, UndistributedPayment.payment_id)
    if after is not None:
        statement = statement.where(tuple_(*here) < tuple_(*after))
    newest_first = (column.desc() for column in here)
    return (await session.scalars(statement.order_by(*newest_first).limit(limit))).all()
