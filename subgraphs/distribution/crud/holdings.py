"""Positions, fundings and installments."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.models import (
    CancelledInvestment,
    Funding,
    Installment,
    IssuedCPR,
    Position,
    QuotaSwap,
)
from subgraphs.shared.statements import is_any_of


async def keep_funding(session: AsyncSession, **values: Any) -> None:
    """Keep that a CPR is funded; the first one told stays."""
    await session.execute(insert(Funding).values(**values).on_conflict_do_nothing(index_elements=["cpr_id"]))


async def keep_schedule(session: AsyncSession, rows: Iterable[dict[str, Any]]) -> None:
    """Keep a CPR's installments; harmless when kept before."""
    values = list(rows)
    if values:
        await session.execute(insert(Installment).values(values).on_conflict_do_nothing(index_elements=["id"]))


async def keep_cancellation(session: AsyncSession, investment_id: UUID, at: datetime) -> None:
    statement = insert(CancelledInvestment).values(investment_id=investment_id, cancelled_at=at)
    await session.execute(statement.on_conflict_do_nothing())


_IDS = func.unnest(bindparam("ids", type_=ARRAY(Uuid))).column_valued("id")
_IN_ORDER = select(_IDS).order_by(_IDS).subquery()
_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended("investment " + cast(_IN_ORDER.c.id, Text), 0)))
_DECIDED = union_all(
    select(CancelledInvestment.investment_id).where(is_any_of(CancelledInvestment.investment_id, "ids")),
    select(Position.id).where(is_any_of(Position.id, "ids")),
)


async def lock_investments(session: AsyncSession, investment_ids: Sequence[UUID]) -> None:
    """
    Let what is told of an investment go one after the other, until the transaction ends.

    There may be no row of it yet: without this, its confirmation and its cancellation would not see each other.
    """
    await session.execute(_LOCK, {"ids": investment_ids})


async def list_decided(session: AsyncSession, investment_ids: Sequence[UUID]) -> set[UUID]:
    """Those of *investment_ids* that were called off, or are on record."""
    return set(await session.scalars(_DECIDED, {"ids": investment_ids}))


async def lock_open_position(session: AsyncSession, position_id: UUID) -> Position | None:
    statement = select(Position).where(Position.id == position_id, Position.valid_to.is_(None))
    return await session.scalar(statement.with_for_update())


async def find_funding(session: AsyncSession, cpr_id: UUID) -> Funding | None:
    return await session.get(Funding, cpr_id)


async def keep_issue(session: AsyncSession, cpr_id: UUID, issued_on: date) -> None:
    """Keep when a CPR was issued; the first day told stays."""
    values = insert(IssuedCPR).values(cpr_id=cpr_id, issued_on=issued_on)
    await session.execute(values.on_conflict_do_nothing())


async def find_day_of_issue(session: AsyncSession, cpr_id: UUID) -> date | None:
    return await session.scalar(select(IssuedCPR.issued_on).where(IssuedCPR.cpr_id == cpr_id))


async def lock_installment(session: AsyncSession, installment_id: UUID) -> Installment | None:
    return await session.get(Installment, installment_id, with_for_update=True)


async def keep_swap(session: AsyncSession, **values: Any) -> bool:
    """Whether the swap is told for the first time."""
    statement = insert(QuotaSwap).values(**values).on_conflict_do_nothing(index_elements=["id"])
    return await session.scalar(statement.returning(QuotaSwap.id)) is not None


async def count_swaps(session: AsyncSession, cpr_id: UUID, *, until: int) -> int:
    """How many of the first *until* swaps of a CPR are on record."""
    counted = select(func.count()).where(QuotaSwap.cpr_id == cpr_id, QuotaSwap.number <= until)
    return await session.scalar(counted) or 0


async def list_held(
    session: AsyncSession, cpr_id: UUID, at: datetime, *, after_swaps: int
) -> list[tuple[Position, int]]:
    """
    The positions with quotas of a CPR after so many swaps, each with how many.

    An instant decides only about what investments opened; between swaps and payments the number does.
    """
    sold = (
        select(QuotaSwap.seller_position_id, func.sum(QuotaSwap.quota_count).label("quotas"))
        .where(QuotaSwap.cpr_id == cpr_id, QuotaSwap.number <= after_swaps)
        .group_by(QuotaSwap.seller_position_id)
        .subquery()
    )
    left = Position.quota_count - func.coalesce(sold.c.quotas, 0)
    statement = (
        select(Position, left)
        .join(sold, sold.c.seller_position_id == Position.id, isouter=True)
        .where(
            Position.cpr_id == cpr_id,
            Position.since_swap <= after_swaps,
            or_(Position.since_swap > 0, Position.valid_from <= at),
            or_(Position.valid_to.is_(None), Position.valid_to > at),
            left > 0,
        )
        .order_by(Position.id)
    )
    return [(position, int(quotas)) for position, quotas in await session.execute(statement)]
