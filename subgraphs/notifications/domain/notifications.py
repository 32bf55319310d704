"""Tell people what happened to them, and let them say that they have read it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications import models
from subgraphs.notifications.crud import notifications as inbox
from subgraphs.notifications.domain import preferences
from subgraphs.notifications.domain.catalogue import TELLINGS, reader_values
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event, EventPayload


async def tell(session: AsyncSession, event: Event, payload: EventPayload, *, now: datetime) -> UUID | None:
    """
    Put what *event* says into the inbox of the person it concerns, and on its way over the channels they chose.

    The inbox does not wait for anything: the person need not even be known here yet, since facts of different domains
    come in any order. A channel's address is looked up when the message goes out.

    Answers the notification's id; None for a fact that is not told, or was told before.
    """
    telling = TELLINGS[type(payload)]
    if not telling.applies(payload):
        return None
    user_id: UUID = getattr(payload, telling.person)
    values = reader_values(payload)
    notification_id = new_id()
    is_new = await inbox.add_notification(
        session,
        id=notification_id,
        user_id=user_id,
        category=telling.category,
        title=telling.words.title.format(**values),
        body=telling.words.body.format(**values),
        title_english=telling.words.title_english.format(**values),
        body_english=telling.words.body_english.format(**values),
        subject_type=telling.subject_type,
        subject_id=getattr(payload, telling.subject) if telling.subject else None,
        occurred_at=event.time,
        event_id=event.id,
    )
    if not is_new:
        return None
    for channel in await preferences.enabled_channels(session, user_id, telling.category):
        session.add(
            models.Dispatch(id=new_id(), notification_id=notification_id, channel=channel, attempts=0, due_at=now)
        )
    return notification_id


async def mark_read(session: AsyncSession, *, reader: UUID, ids: Collection[UUID], now: datetime) -> None:
    """Mark the reader's own among *ids* as read; others', and those that do not exist, are passed over."""
    await inbox.mark_read(session, reader, now=now, ids=ids)


async def mark_all_read(session: AsyncSession, *, reader: UUID, now: datetime) -> None:
    """Mark everything in the reader's inbox as read."""
    await inbox.mark_read(session, reader, now=now)
