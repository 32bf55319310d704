"""Investments and the positions they open."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.models import Investment, InvestmentStatus, PositionEnd, QuotaPosition
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of

PENDING = Investment.status == literal_column("'PENDING'")
"""Of the few that wait. With the status as a value of its own the planner would not see that the index has all."""


async def get_investment(session: AsyncSession, investment_id: UUID) -> Investment:
    return await session.get_one(Investment, investment_id)


_OFFERING_IDS = select(Investment.id, Investment.offering_id).where(is_any_of(Investment.id, "ids"))
_LOCK_KNOWN = (
    select(Investment)
    .where(is_any_of(Investment.id, "ids"))
    .order_by(Investment.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def list_offering_ids(session: AsyncSession, investment_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The offerings of investments, to be locked before the investments themselves; without those not known."""
    return dict((await session.execute(_OFFERING_IDS, {"ids": investment_ids})).all())


async def lock_known(session: AsyncSession, investment_ids: Sequence[UUID]) -> Sequence[Investment]:
    return (await session.scalars(_LOCK_KNOWN, {"ids": investment_ids})).all()


async def lock_investments(
    session: AsyncSession, offering_id: UUID, *statuses: InvestmentStatus, requested_before: datetime | None = None
) -> Sequence[Investment]:
    statement = select(Investment).where(Investment.offering_id == offering_id, Investment.status.in_(statuses))
    if requested_before is not None:
        statement = statement.where(Investment.requested_at <= requested_before)
    return (await session.scalars(statement.order_by(Investment.id).with_for_update())).all()


async def list_offerings_with_overdue_holds(session: Reader, requested_before: datetime) -> Sequence[UUID]:
    statement = (
        select(Investment.offering_id)
        .where(PENDING, Investment.requested_at <= requested_before)
        .distinct()
        .order_by(Investment.offering_id)
    )
    return (await session.scalars(statement)).all()


_WAITING_SINCE = (
    select(Investment.requested_at)
    .where(PENDING, Investment.requested_at > bindparam("later_than"))
    .order_by(Investment.requested_at)
    .offset(bindparam("passed_over"))
    .limit(1)
)


async def find_waiting_since(session: Reader, *, later_than: datetime, passed_over: int) -> datetime | None:
    """When the oldest pending investment after *later_than* was asked for, without so many that are older still."""
    values = {"later_than": later_than, "passed_over": passed_over}
    since: datetime | None = await session.scalar(_WAITING_SINCE, values)
    return since


async def count_investments(session: AsyncSession, offering_id: UUID, status: InvestmentStatus) -> int:
    statement = select(func.count()).where(Investment.offering_id == offering_id, Investment.status == status)
    return await session.scalar(statement) or 0


async def close_positions(session: AsyncSession, cpr_id: UUID, ended_as: PositionEnd, at: datetime) -> None:
    """End every open position in a CPR."""
    await session.execute(
        update(QuotaPosition)
        .where(QuotaPosition.cpr_id == cpr_id, QuotaPosition.valid_to.is_(None))
        .values(valid_to=at, ended_as=ended_as)
    )


async def cancel_position(session: AsyncSession, investment_id: UUID, at: datetime) -> None:
    """End the position that an investment opened, if it has not ended."""
    is_open = (QuotaPosition.id == investment_id, QuotaPosition.valid_to.is_(None))
    await session.execute(update(QuotaPosition).where(*is_open).values(valid_to=at, ended_as=PositionEnd.CANCELLED))


_BY_ID = select(Investment).where(is_any_of(Investment.id, "ids"))


async def list_investments(session: Reader, investment_ids: Sequence[UUID]) -> Sequence[Investment]:
    return (await session.scalars(_BY_ID, {"ids": investment_ids})).all()
