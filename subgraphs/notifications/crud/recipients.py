"""Whom we know."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Recipient
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.read_models import put_newest


async def put_recipient(
    session: AsyncSession, *, user_id: UUID, display_name: str, email: str, phone: str | None, event: Event
) -> None:
    """How a person is called and reached, as *event* tells it."""
    values = {"display_name": display_name, "email": email, "phone": phone, "closed_at": None}
    await put_newest(session, Recipient, {"user_id": user_id}, values, event=event)


async def forget_recipient(session: AsyncSession, user_id: UUID, *, event: Event) -> None:
    values = {"display_name": "", "email": None, "phone": None, "closed_at": event.time}
    await put_newest(session, Recipient, {"user_id": user_id}, values, event=event)
