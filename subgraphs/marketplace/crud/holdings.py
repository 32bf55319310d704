"""What one investor has: positions, each with its offering; and the investments by which they asked for some."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, union_all

from subgraphs.marketplace.crud.sorted_lists import Order, Place, beyond, in_order
from subgraphs.marketplace.models import (
    Investment,
    InvestmentStatus,
    Offering,
    PositionEnd,
    QuotaPosition,
    QuotaPurchase,
    QuotaPurchaseStatus,
)
from subgraphs.shared.reading import Reader

Holding = tuple[QuotaPosition, Offering]


_POSITIONS = (
    select(QuotaPosition, Offering)
    .join(Offering, Offering.id == QuotaPosition.offering_id)
    .where(
        QuotaPosition.investor_id == bindparam("investor_id"),
        or_(QuotaPosition.ended_as.is_(None), QuotaPosition.ended_as == PositionEnd.SETTLED),
    )
    .order_by(QuotaPosition.id)
)


async def list_holdings(session: Reader, investor_id: UUID) -> Sequence[Holding]:
    """The positions of *investor_id*, open or repaid; not those that came to nothing."""
    return (await session.execute(_POSITIONS, {"investor_id": investor_id})).all()


_WAITING = union_all(
    select(Investment.amount_minor).where(
        Investment.investor_id == bindparam("investor_id"), Investment.status == InvestmentStatus.PENDING
    ),
    select(QuotaPurchase.amount_minor).where(
        QuotaPurchase.buyer_id == bindparam("investor_id"), QuotaPurchase.status == QuotaPurchaseStatus.PENDING
    ),
).subquery()
_PENDING = select(func.count(), func.coalesce(func.sum(_WAITING.c.amount_minor), 0))


async def sum_pending(session: Reader, investor_id: UUID) -> tuple[int, int]:
    """How many investments and purchases of *investor_id* wait for the wallet, and for how much money."""
    count, amount_minor = (await session.execute(_PENDING, {"investor_id": investor_id})).one()
    return count, int(amount_minor)


_NEWEST_INVESTMENTS = Order(Investment.requested_at, Investment.id, descending=True)
_INVESTMENTS_OF = in_order(
    select(Investment).where(Investment.investor_id == bindparam("investor_id")), _NEWEST_INVESTMENTS
).limit(bindparam("limit"))


async def list_investments_of(
    session: Reader,
    investor_id: UUID,
    *,
    statuses: Sequence[InvestmentStatus] | None,
    after: Place | None,
    limit: int,
) -> Sequence[Investment]:
    """The newest first."""
    statement = beyond(_INVESTMENTS_OF, _NEWEST_INVESTMENTS, after)
    if statuses is not None:
        statement = statement.where(Investment.status.in_(statuses))
    return (await session.scalars(statement, {"investor_id": investor_id, "limit": limit})).all()
