"""Who holds quotas of what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Holding


async def begin_holding(session: AsyncSession, *, position_id: UUID, cpr_id: UUID, investor_id: UUID) -> None:
    """Note a position; one that is known, perhaps to have ended, stays as it is."""
    values = {"position_id": position_id, "cpr_id": cpr_id, "investor_id": investor_id}
    await session.execute(insert(Holding).values(**values).on_conflict_do_nothing())


async def end_holding(
    session: AsyncSession, *, position_id: UUID, cpr_id: UUID, investor_id: UUID, ended_at: datetime
) -> None:
    """Note that a position has ended, also when its beginning has yet to arrive."""
    values = {"position_id": position_id, "cpr_id": cpr_id, "investor_id": investor_id, "ended_at": ended_at}
    statement = insert(Holding).values(**values)
    first_end = func.least(Holding.ended_at, statement.excluded.ended_at)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Holding.position_id], set_={"ended_at": first_end})
    )


async def list_holders(session: AsyncSession, cpr_id: UUID, *, at: datetime) -> Sequence[UUID]:
    """
    The people with quotas of a CPR at an instant, each once.

    A settlement ends all positions, and may have done so here before we get to tell of it.
    """
    holding = or_(Holding.ended_at.is_(None), Holding.ended_at > at)
    statement = select(Holding.investor_id).where(Holding.cpr_id == cpr_id, holding)
    return (await session.scalars(statement.distinct().order_by(Holding.investor_id))).all()
