"""Messages on their way out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Dispatch, DispatchStatus, Notification

DueDispatch = tuple[Dispatch, Notification]


async def lock_due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[DueDispatch]:
    """Due dispatches with what to say, claimed: another process passes over them."""
    statement = (
        select(Dispatch, Notification)
        .join(Notification, Notification.id == Dispatch.notification_id)
        .where(Dispatch.status == DispatchStatus.PENDING, Dispatch.due_at <= now)
        .order_by(Dispatch.due_at, Dispatch.id)
        .limit(limit)
        .with_for_update(of=Dispatch, skip_locked=True)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]
