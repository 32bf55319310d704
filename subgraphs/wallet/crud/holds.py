"""Holds, the decisions on requests for them, and the offerings they wait for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.statements import is_any_of, rows_of, table_of
from subgraphs.wallet.models import (
    Hold,
    HoldDecision,
    HoldRequest,
    HoldStatus,
    OfferingFunding,
    OfferingStatus,
)

_WAITED_FOR = rows_of(OfferingFunding.offering_id)
_ENSURE = (
    upsert(table_of(OfferingFunding))
    .from_select(
        ["offering_id", "status"],
        select(_WAITED_FOR.c.offering_id, bindparam("status", type_=Text)).order_by(_WAITED_FOR.c.offering_id),
    )
    .on_conflict_do_nothing()
)
_SHARED = (
    select(OfferingFunding)
    .where(is_any_of(OfferingFunding.offering_id, "ids"))
    .order_by(OfferingFunding.offering_id)
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)


async def share_offerings(session: AsyncSession, offering_ids: Collection[UUID]) -> dict[UUID, OfferingFunding]:
    """The offerings' rows, held against being decided until the transaction ends; others may share them."""
    await _ensure_offerings(session, offering_ids)
    shared = await session.scalars(_SHARED, {"ids": list(offering_ids)})
    return {offering.offering_id: offering for offering in shared}


async def lock_offering(session: AsyncSession, offering_id: UUID) -> OfferingFunding:
    """The offering's row for oneself: waits for every hold that is being placed."""
    await _ensure_offerings(session, [offering_id])
    statement = select(OfferingFunding).where(OfferingFunding.offering_id == offering_id).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


async def _ensure_offerings(session: AsyncSession, offering_ids: Collection[UUID]) -> None:
    await session.execute(_ENSURE, {"offering_id": list(offering_ids), "status": OfferingStatus.OPEN})


_DECIDED = rows_of(HoldRequest.reference_id, HoldRequest.purpose, HoldRequest.decision, HoldRequest.hold_id)
_DECIDE = (
    upsert(table_of(HoldRequest))
    .from_select(
        ["reference_id", "purpose", "decision", "hold_id", "decided_at"],
        select(*_DECIDED.c, bindparam("decided_at", type_=DateTime(timezone=True))).order_by(_DECIDED.c.reference_id),
    )
    .on_conflict_do_nothing()
    .returning(table_of(HoldRequest).c.reference_id)
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request for a hold."""

    purpose: str
    reference_id: UUID
    decision: HoldDecision
    hold_id: UUID | None = None


async def decide_requests(session: AsyncSession, *decisions: Decision, at: datetime) -> int:
    """
    Record what becomes of requests; of how many: others were decided before. Waits for decisions under way.

    In the order of their references, so that two that meet wait for each other.
    """
    given = {
        "reference_id": [it.reference_id for it in decisions],
        "purpose": [it.purpose for it in decisions],
        "decision": [it.decision for it in decisions],
        "hold_id": [it.hold_id for it in decisions],
    }
    return len((await session.scalars(_DECIDE, {"decided_at": at, **given})).all())


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
