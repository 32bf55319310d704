"""What was asked of providers, and which of their messages took effect."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.models import (
    CPR,
    CPRStatus,
    OrderStatus,
    Party,
    ProviderOrder,
    Signer,
    WebhookReceipt,
)
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.read_models import put_newest


async def find_order(session: AsyncSession, order_id: UUID) -> ProviderOrder | None:
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


async def list_silent_orders(session: AsyncSession, *, since: datetime) -> Sequence[ProviderOrder]:
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


async def find_signer(session: AsyncSession, user_id: UUID) -> Signer | None:
    return await session.get(Signer, user_id)


async def put_signer(session: AsyncSession, *, user_id: UUID, full_name: str, cpf: str, event: Event) -> None:
    """Who somebody is, as *event* tells it."""
    values = {"full_name": full_name, "cpf": cpf}
    await put_newest(session, Signer, {"user_id": user_id}, values, event=event)


async def erase_signer(session: AsyncSession, user_id: UUID, *, event: Event) -> None:
    await put_newest(session, Signer, {"user_id": user_id}, {"full_name": None, "cpf": None}, event=event)
