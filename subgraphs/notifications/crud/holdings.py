"""Who holds quotas of what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Holding
from subgraphs.shared.statements import rows_of, table_of

_BEGUN = rows_of(Holding.position_id, Holding.cpr_id, Holding.investor_id)
_BEGIN = (
    insert(table_of(Holding))
    .from_select(["position_id", "cpr_id", "investor_id"], select(*_BEGUN.c).order_by(_BEGUN.c.position_id))
    .on_conflict_do_nothing()
)


async def begin_holding(session: AsyncSession, *, position_id: UUID, cpr_id: UUID, investor_id: UUID) -> None:
    """Note a position; one that is known, perhaps to have ended, stays as it is."""
    await begin_holdings(session, [(position_id, cpr_id, investor_id)])


async def begin_holdings(session: AsyncSession, begun: Sequence[tuple[UUID, UUID, UUID]]) -> None:
    """As `begin_holding`, for many: each one's position, CPR and investor."""
    positions, cprs, investors = zip(*begun, strict=True)
    given = {"position_id": list(positions), "cpr_id": list(cprs), "investor_id": list(investors)}
    await session.execute(_BEGIN, given)


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
