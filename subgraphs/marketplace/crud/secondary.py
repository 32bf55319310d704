"""Offers and purchases of quotas."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.crud.sorted_lists import Order, Place, beyond, in_order
from subgraphs.marketplace.models import QuotaOffer, QuotaOfferStatus, QuotaPosition, QuotaPurchase, QuotaPurchaseStatus
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.shared.turns import Row


def offer_row(offer_id: UUID) -> Row:
    """The row that everybody wants while an offer is popular: transactions wait their turn at it."""
    return Row("quota offer", offer_id)


async def find_position(session: AsyncSession, position_id: UUID) -> QuotaPosition | None:
    return await session.get(QuotaPosition, position_id)


async def lock_position(session: AsyncSession, position_id: UUID) -> QuotaPosition:
    return await session.get_one(QuotaPosition, position_id, with_for_update=True, populate_existing=True)


async def list_open_positions_bought(session: AsyncSession, cpr_id: UUID) -> Sequence[QuotaPosition]:
    """The open positions in a CPR that no investment opened."""
    statement = select(QuotaPosition).where(
        QuotaPosition.cpr_id == cpr_id,
        QuotaPosition.valid_to.is_(None),
        QuotaPosition.id != QuotaPosition.investment_id,
    )
    return (await session.scalars(statement.order_by(QuotaPosition.id))).all()


async def list_open_positions(session: AsyncSession, cpr_id: UUID) -> Sequence[QuotaPosition]:
    statement = select(QuotaPosition).where(QuotaPosition.cpr_id == cpr_id, QuotaPosition.valid_to.is_(None))
    return (await session.scalars(statement.order_by(QuotaPosition.id))).all()


async def get_offer(session: AsyncSession, offer_id: UUID) -> QuotaOffer:
    return await session.get_one(QuotaOffer, offer_id)


async def lock_offer(session: AsyncSession, offer_id: UUID) -> QuotaOffer | None:
    return await session.get(QuotaOffer, offer_id, with_for_update=True, populate_existing=True)


async def list_binding_offers(session: AsyncSession, position_id: UUID) -> Sequence[QuotaOffer]:
    """The offers of a position that take something of it: open ones, and ended ones of which purchases wait."""
    statement = select(QuotaOffer).where(
        QuotaOffer.position_id == position_id,
        or_(QuotaOffer.status == QuotaOfferStatus.OPEN, QuotaOffer.reserved_quotas > 0),
    )
    return (await session.scalars(statement)).all()


async def lock_open_offers(session: AsyncSession, cpr_id: UUID) -> Sequence[QuotaOffer]:
    statement = select(QuotaOffer).where(QuotaOffer.cpr_id == cpr_id, QuotaOffer.status == QuotaOfferStatus.OPEN)
    return (await session.scalars(statement.order_by(QuotaOffer.id).with_for_update())).all()


async def lock_open_offers_of(session: AsyncSession, seller_id: UUID, *, offered_by: datetime) -> Sequence[QuotaOffer]:
    statement = select(QuotaOffer).where(
        QuotaOffer.seller_id == seller_id,
        QuotaOffer.status == QuotaOfferStatus.OPEN,
        QuotaOffer.offered_at <= offered_by,
    )
    return (await session.scalars(statement.order_by(QuotaOffer.id).with_for_update())).all()


async def get_purchase(session: AsyncSession, purchase_id: UUID) -> QuotaPurchase:
    return await session.get_one(QuotaPurchase, purchase_id)


async def find_purchase(session: AsyncSession, purchase_id: UUID) -> QuotaPurchase | None:
    return await session.get(QuotaPurchase, purchase_id)


async def lock_purchase(session: AsyncSession, purchase_id: UUID) -> QuotaPurchase:
    return await session.get_one(QuotaPurchase, purchase_id, with_for_update=True, populate_existing=True)


async def count_pending(session: AsyncSession, cpr_id: UUID) -> int:
    """How many purchases of quotas of a CPR the wallet has not answered yet."""
    pending = select(func.count()).where(
        QuotaPurchase.cpr_id == cpr_id, QuotaPurchase.status == QuotaPurchaseStatus.PENDING
    )
    return await session.scalar(pending) or 0


_POSITIONS = select(QuotaPosition).where(is_any_of(QuotaPosition.id, "ids"))
_OFFERS = select(QuotaOffer).where(is_any_of(QuotaOffer.id, "ids"))
_PURCHASES = select(QuotaPurchase).where(is_any_of(QuotaPurchase.id, "ids"))


async def list_positions(session: Reader, ids: Sequence[UUID]) -> Sequence[QuotaPosition]:
    return (await session.scalars(_POSITIONS, {"ids": ids})).all()


async def list_offers(session: Reader, ids: Sequence[UUID]) -> Sequence[QuotaOffer]:
    return (await session.scalars(_OFFERS, {"ids": ids})).all()


async def list_purchases(session: Reader, ids: Sequence[UUID]) -> Sequence[QuotaPurchase]:
    return (await session.scalars(_PURCHASES, {"ids": ids})).all()


_NEWEST_POSITIONS = Order(QuotaPosition.valid_from, QuotaPosition.id, descending=True)
_POSITIONS_OF = in_order(
    select(QuotaPosition).where(QuotaPosition.investor_id == bindparam("investor_id")), _NEWEST_POSITIONS
).limit(bindparam("limit"))
_POSITIONS_BY_OPEN = {
    None: _POSITIONS_OF,
    True: _POSITIONS_OF.where(QuotaPosition.valid_to.is_(None)),
    False: _POSITIONS_OF.where(QuotaPosition.valid_to.is_not(None)),
}


async def list_positions_of(
    session: Reader, investor_id: UUID, *, is_open: bool | None, after: Place | None, limit: int
) -> Sequence[QuotaPosition]:
    """The newest first; the open or the ended ones, or both."""
    statement = beyond(_POSITIONS_BY_OPEN[is_open], _NEWEST_POSITIONS, after)
    return (await session.scalars(statement, {"investor_id": investor_id, "limit": limit})).all()


_NEWEST_PURCHASES = Order(QuotaPurchase.requested_at, QuotaPurchase.id, descending=True)
_PURCHASES_OF = in_order(
    select(QuotaPurchase).where(QuotaPurchase.buyer_id == bindparam("buyer_id")), _NEWEST_PURCHASES
).limit(bindparam("limit"))


async def list_purchases_of(
    session: Reader,
    buyer_id: UUID,
    *,
    statuses: Sequence[QuotaPurchaseStatus] | None,
    after: Place | None,
    limit: int,
) -> Sequence[QuotaPurchase]:
    """The newest first."""
    statement = beyond(_PURCHASES_OF, _NEWEST_PURCHASES, after)
    if statuses is not None:
        statement = statement.where(QuotaPurchase.status.in_(statuses))
    return (await session.scalars(statement, {"buyer_id": buyer_id, "limit": limit})).all()
