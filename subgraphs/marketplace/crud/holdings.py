"""What one investor has, each investment with its offering and its open position."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.models import Investment, InvestmentStatus, Offering, QuotaPosition

Holding = tuple[Investment, Offering, QuotaPosition | None]


_HOLDINGS = (
    select(Investment, Offering, QuotaPosition)
    .join(Offering, Offering.id == Investment.offering_id)
    .join(
        QuotaPosition,
        and_(QuotaPosition.investment_id == Investment.id, QuotaPosition.valid_to.is_(None)),
        isouter=True,
    )
    .where(
        Investment.investor_id == bindparam("investor_id"),
        Investment.status.not_in((InvestmentStatus.REFUSED, InvestmentStatus.CANCELLED)),
    )
    .order_by(Investment.id)
)


async def list_holdings(session: AsyncSession, investor_id: UUID) -> Sequence[Holding]:
    """Everything of *investor_id* that has not come to nothing."""
    return (await session.execute(_HOLDINGS, {"investor_id": investor_id})).all()


_INVESTMENTS_OF = (
    select(Investment)
    .where(Investment.investor_id == bindparam("investor_id"))
    .order_by(Investment.requested_at.desc(), Investment.id.desc())
    .limit(bindparam("limit"))
)


async def list_investments_of(
    session: AsyncSession,
    investor_id: UUID,
    *,
    statuses: Sequence[InvestmentStatus] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Investment]:
    """The newest first."""
    statement = _INVESTMENTS_OF
    if statuses is not None:
        statement = statement.where(Investment.status.in_(statuses))
    if after is not None:
        statement = statement.where(tuple_(Investment.requested_at, Investment.id) < tuple_(*after))
    return (await session.scalars(statement, {"investor_id": investor_id, "limit": limit})).all()
