"""Holds, the decisions on requests for them, and the offerings they wait for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.wallet.models import (
    Hold,
    HoldDecision,
    HoldRequest,
    HoldStatus,
    OfferingFunding,
    OfferingStatus,
)


async def share_offering(session: AsyncSession, offering_id: UUID) -> OfferingFunding:
    """The offering's row, held against being decided until the transaction ends; others may share it."""
    await _ensure_offering(session, offering_id)
    return await _get_offering(session, offering_id, shared=True)


async def lock_offering(session: AsyncSession, offering_id: UUID) -> OfferingFunding:
    """The offering's row for oneself: waits for every hold that is being placed."""
    await _ensure_offering(session, offering_id)
    return await _get_offering(session, offering_id, shared=False)


async def _ensure_offering(session: AsyncSession, offering_id: UUID) -> None:
    statement = upsert(OfferingFunding).values(offering_id=offering_id, status=OfferingStatus.OPEN)
    await session.execute(statement.on_conflict_do_nothing())


async def _get_offering(session: AsyncSession, offering_id: UUID, *, shared: bool) -> OfferingFunding:
    statement = select(OfferingFunding).where(OfferingFunding.offering_id == offering_id).with_for_update(read=shared)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


async def decide_request(
    session: AsyncSession,
    *,
    purpose: str,
    reference_id: UUID,
    decision: HoldDecision,
    hold_id: UUID | None,
    decided_at: datetime,
) -> bool:
    """Record what becomes of a request; False when that was decided before. Waits for a decision under way."""
    statement = (
        upsert(HoldRequest)
        .values(purpose=purpose, reference_id=reference_id, decision=decision, hold_id=hold_id, decided_at=decided_at)
        .on_conflict_do_nothing()
        .returning(HoldRequest.reference_id)
    )
    return await session.scalar(statement) is not None


async def get_request(session: AsyncSession, purpose: str, reference_id: UUID) -> HoldRequest:
    return await session.get_one(HoldRequest, (purpose, reference_id))


async def lock_hold(session: AsyncSession, hold_id: UUID) -> Hold | None:
    return await session.get(Hold, hold_id, with_for_update=True, populate_existing=True)


async def lock_active_holds(session: AsyncSession, offering_id: UUID) -> Sequence[Hold]:
    statement = (
        select(Hold)
        .where(Hold.offering_id == offering_id, Hold.status == HoldStatus.ACTIVE)
        .order_by(Hold.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def lock_expired_holds(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[Hold]:
    """Active holds whose time is over; those that somebody is ending at this moment are left to them."""
    statement = (
        select(Hold)
        .where(Hold.status == HoldStatus.ACTIVE, Hold.expires_at <= now)
        .order_by(Hold.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def end_holds(
    session: AsyncSession, captured_by_id: dict[UUID, int], *, status: HoldStatus, ended_at: datetime
) -> None:
    """Mark holds as ended, with how much of each was captured."""
    if captured_by_id:
        rows = [
            {"id": hold_id, "status": status, "captured_minor": captured, "ended_at": ended_at}
            for hold_id, captured in captured_by_id.items()
        ]
        await session.execute(update(Hold), rows)
