"""Positions, fundings and installments."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.models import CancelledInvestment, Funding, Installment, Position


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


async def is_cancelled(session: AsyncSession, investment_id: UUID) -> bool:
    return await session.get(CancelledInvestment, investment_id) is not None


async def lock_open_position(session: AsyncSession, position_id: UUID) -> Position | None:
    statement = select(Position).where(Position.id == position_id, Position.valid_to.is_(None))
    return await session.scalar(statement.with_for_update())


async def has_position(session: AsyncSession, position_id: UUID) -> bool:
    return await session.get(Position, position_id) is not None


async def find_funding(session: AsyncSession, cpr_id: UUID) -> Funding | None:
    return await session.get(Funding, cpr_id)


async def lock_installment(session: AsyncSession, installment_id: UUID) -> Installment | None:
    return await session.get(Installment, installment_id, with_for_update=True)


async def list_positions(session: AsyncSession, cpr_id: UUID, at: datetime) -> Sequence[Position]:
    """Who held quotas of a CPR at an instant."""
    statement = select(Position).where(
        Position.cpr_id == cpr_id,
        Position.valid_from <= at,
        or_(Position.valid_to.is_(None), Position.valid_to > at),
    )
    return (await session.scalars(statement.order_by(Position.id))).all()
