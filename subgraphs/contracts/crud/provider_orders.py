"""What was asked of providers, and which of their messages took effect."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.models import (
    CPR,
    AnswerToSeal,
    CPRStatus,
    OrderStatus,
    Party,
    ProviderOrder,
    WebhookReceipt,
)
from subgraphs.shared.reading import Reader


async def find_order(session: Reader, order_id: UUID) -> ProviderOrder | None:
    return await session.get(ProviderOrder, order_id)


async def lock_order(session: AsyncSession, order_id: UUID) -> ProviderOrder | None:
    return await session.scalar(
        select(ProviderOrder)
        .where(ProviderOrder.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def find_open_order(session: AsyncSession, cpr_id: UUID, party: Party) -> ProviderOrder | None:
    return await session.scalar(
        select(ProviderOrder).where(
            ProviderOrder.cpr_id == cpr_id,
            ProviderOrder.party == party,
            ProviderOrder.status == OrderStatus.REQUESTED,
        )
    )


async def list_silent_orders(session: Reader, *, since: datetime) -> Sequence[ProviderOrder]:
    """Open orders that the provider took, or should have taken, before *since*; not those of cancelled CPRs."""
    statement = (
        select(ProviderOrder)
        .join(CPR, CPR.id == ProviderOrder.cpr_id)
        .where(
            CPR.status.in_((CPRStatus.SIGNING, CPRStatus.REGISTERING)),
            ProviderOrder.status == OrderStatus.REQUESTED,
            func.coalesce(ProviderOrder.asked_at, ProviderOrder.requested_at) < since,
        )
        .order_by(ProviderOrder.id)
        .limit(100)
    )
    return (await session.scalars(statement)).all()


async def note_receipt(session: AsyncSession, *, party: Party, event_id: str, received_at: datetime) -> bool:
    """Whether this message is new. Of two copies at once the second waits here for the first."""
    statement = insert(WebhookReceipt).values(party=party, event_id=event_id, received_at=received_at)
    inserted = await session.scalar(statement.on_conflict_do_nothing().returning(WebhookReceipt.event_id))
    return inserted is not None


async def keep_answers_of(session: AsyncSession, farmer_id: UUID, *, until: datetime) -> None:
    """Let the proof of a farmer's signatures lie until *until*, and no longer."""
    signed = select(CPR.id).where(CPR.farmer_id == farmer_id)
    statement = update(ProviderOrder).where(ProviderOrder.cpr_id.in_(signed), ProviderOrder.kept_until.is_(None))
    await session.execute(statement.values(kept_until=until))


async def erase_kept(session: AsyncSession, *, until: datetime) -> None:
    """Forget the answers that had to be kept and need not be any more."""
    over = update(ProviderOrder).where(ProviderOrder.kept_until <= until)
    await session.execute(over.values(answer_sealed=None, kept_until=None))


async def lock_to_seal(session: AsyncSession, *, limit: int) -> Sequence[AnswerToSeal]:
    """What still lies in the clear; rows that another process has locked are left to it."""
    waiting = select(AnswerToSeal).order_by(AnswerToSeal.order_id).limit(limit)
    return (await session.scalars(waiting.with_for_update(skip_locked=True))).all()
