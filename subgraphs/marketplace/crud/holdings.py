"""What one investor has, each investment with its offering and its open position."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.models import Investment, InvestmentStatus, Offering, QuotaPosition

Holding = tuple[Investment, Offering, QuotaPosition | None]


async def list_holdings(session: AsyncSession, investor_id: UUID) -> Sequence[Holding]:
    """Everything of *investor_id* that has not come to nothing."""
    ended = (InvestmentStatus.REFUSED, InvestmentStatus.CANCELLED)
    is_open_position = and_(QuotaPosition.investment_id == Investment.id, QuotaPosition.valid_to.is_(None))
    statement = (
        select(Investment, Offering, QuotaPosition)
        .join(Offering, Offering.id == Investment.offering_id)
        .join(QuotaPosition, is_open_position, isouter=True)
        .where(Investment.investor_id == investor_id, Investment.status.not_in(ended))
        .order_by(Investment.id)
    )
    return (await session.execute(statement)).tuples().all()


async def list_investments_of(
    session: AsyncSession,
    investor_id: UUID,
    *,
    statuses: Sequence[InvestmentStatus] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Investment]:
    """The newest first."""
    statement = select(Investment).where(Investment.investor_id == investor_id)
    if statuses is not None:
        statement = statement.where(Investment.status.in_(statuses))
    if after is not None:
        statement = statement.where(tuple_(Investment.requested_at, Investment.id) < tuple_(*after))
    newest_first = (Investment.requested_at.desc(), Investment.id.desc())
    return (await session.scalars(statement.order_by(*newest_first).limit(limit))).all()
