"""Messages on their way out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Dispatch, DispatchStatus, Notification, Recipient

DueDispatch = tuple[Dispatch, Notification, Recipient | None]


async def lock_due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[DueDispatch]:
    """Due dispatches with what to say and to whom, claimed: another process passes over them."""
    statement = (
        select(Dispatch, Notification, Recipient)
        .join(Notification, Notification.id == Dispatch.notification_id)
        .outerjoin(Recipient, Recipient.user_id == Notification.user_id)
        .where(Dispatch.status == DispatchStatus.PENDING, Dispatch.due_at <= now)
        .order_by(Dispatch.due_at, Dispatch.id)
        .limit(limit)
        .with_for_update(of=Dispatch, skip_locked=True)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]
