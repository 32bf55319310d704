"""Payouts and distributions as people read them: the newest payment first, page by page, only what is theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, tuple_
from sqlalchemy.orm import aliased

from subgraphs.distribution.models import Distribution, Payout, Position, UndistributedPayment
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of

Place = tuple[datetime, UUID]
"""The sort key of the last row of the page before."""


def _after(statement: Select[Payout], place: Place | None) -> Select[Payout]:
    return statement if place is None else statement.where(tuple_(Payout.paid_at, Payout.id) < tuple_(*place))


_BY_ID = select(Payout).where(is_any_of(Payout.id, "ids"))


async def list_payouts(session: Reader, ids: Sequence[UUID]) -> Sequence[Payout]:
    return (await session.scalars(_BY_ID, {"ids": ids})).all()


_OF_INVESTOR = (
    select(Payout)
    .where(Payout.investor_id == bindparam("investor_id"))
    .order_by(Payout.paid_at.desc(), Payout.id.desc())
    .limit(bindparam("limit"))
)


async def list_payouts_of_investor(
    session: Reader, investor_id: UUID, *, after: Place | None, limit: int
) -> Sequence[Payout]:
    values = {"investor_id": investor_id, "limit": limit}
    return (await session.scalars(_after(_OF_INVESTOR, after), values)).all()


async def list_payouts_of_distribution(
    session: Reader, distribution_id: UUID, *, investor_id: UUID | None, after: Place | None, limit: int
) -> Sequence[Payout]:
    """Those of one investor, or all when none is named."""
    statement = _after(select(Payout).where(Payout.distribution_id == distribution_id), after)
    if investor_id is not None:
        statement = statement.where(Payout.investor_id == investor_id)
    return (await session.scalars(statement.order_by(Payout.paid_at.desc(), Payout.id.desc()).limit(limit))).all()


PayoutsOf = Literal["investment_id", "position_id"]
"""What payouts are looked for by: what brought their quotas into being, or what one person holds of them."""


def _newest_of_each(of: PayoutsOf, *, is_of_one_investor: bool, after: Place | None) -> Select[Payout]:
    column = getattr(Payout, of)
    statement = _after(select(Payout).where(is_any_of(column, "ids")), after)
    if is_of_one_investor:
        statement = statement.where(Payout.investor_id == bindparam("investor_id"))
    newest_first = (Payout.paid_at.desc(), Payout.id.desc())
    place = func.row_number().over(partition_by=column, order_by=newest_first).label("place")
    ranked = statement.add_columns(place).subquery()
    ranked_payout = aliased(Payout, ranked)
    return select(ranked_payout).where(ranked.c.place <= bindparam("limit")).order_by(ranked.c.place)


_FIRST_PAGE_OF_EACH: dict[PayoutsOf, Select[Payout]] = {
    "investment_id": _newest_of_each("investment_id", is_of_one_investor=True, after=None),
    "position_id": _newest_of_each("position_id", is_of_one_investor=True, after=None),
}


async def list_payouts_of(
    session: Reader,
    of: PayoutsOf,
    ids: Sequence[UUID],
    *,
    investor_id: UUID | None,
    after: Place | None,
    limit: int,
) -> dict[UUID, list[Payout]]:
    """The newest *limit* of each, in one statement; those of one investor, or all when none is named."""
    values: dict[str, Any] = {"ids": ids, "limit": limit}
    if investor_id is not None:
        values["investor_id"] = investor_id
    best = _FIRST_PAGE_OF_EACH[of]
    if investor_id is None or after is not None:
        best = _newest_of_each(of, is_of_one_investor=investor_id is not None, after=after)
    found: dict[UUID, list[Payout]] = {}
    for payout in await session.scalars(best, values):
        found.setdefault(getattr(payout, of), []).append(payout)
    return found


_HOLDERS = select(Position.investment_id, Position.investor_id).where(
    is_any_of(Position.investment_id, "investment_ids")
)


async def list_holders(session: Reader, investment_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Everybody who has held quotas of each investment."""
    holders: dict[UUID, set[UUID]] = {}
    for investment_id, investor_id in await session.execute(_HOLDERS, {"investment_ids": investment_ids}):
        holders.setdefault(investment_id, set()).add(investor_id)
    return holders


def _visible(investor_id: UUID | None) -> Select[Distribution]:
    """Distributions in which *investor_id* has a part, or all when none is named."""
    if investor_id is None:
        return select(Distribution)
    has_part = select(Payout.id).where(Payout.distribution_id == Distribution.id, Payout.investor_id == investor_id)
    return select(Distribution).where(has_part.exists())


async def list_visible(session: Reader, ids: Sequence[UUID], investor_id: UUID | None) -> Sequence[Distribution]:
    return (await session.scalars(_visible(investor_id).where(Distribution.id.in_(ids)))).all()


async def list_visible_of_installments(
    session: Reader, installment_ids: Sequence[UUID], investor_id: UUID | None
) -> Sequence[Distribution]:
    """In the order of their payments."""
    statement = _visible(investor_id).where(Distribution.installment_id.in_(installment_ids))
    return (await session.scalars(statement.order_by(Distribution.number))).all()


async def list_visible_of_cpr(
    session: Reader, cpr_id: UUID, investor_id: UUID | None, *, after: Place | None, limit: int
) -> Sequence[Distribution]:
    statement = _visible(investor_id).where(Distribution.cpr_id == cpr_id)
    if after is not None:
        statement = statement.where(tuple_(Distribution.paid_at, Distribution.id) < tuple_(*after))
    newest_first = (Distribution.paid_at.desc(), Distribution.id.desc())
    return (await session.scalars(statement.order_by(*newest_first).limit(limit))).all()


async def list_undistributed(session: Reader, *, after: Place | None, limit: int) -> Sequence[UndistributedPayment]:
    statement = select(UndistributedPayment)
    here = (UndistributedPayment.received_at, UndistributedPayment.payment_id)
    if after is not None:
        statement = statement.where(tuple_(*here) < tuple_(*after))
    newest_first = (column.desc() for column in here)
    return (await session.scalars(statement.order_by(*newest_first).limit(limit))).all()
