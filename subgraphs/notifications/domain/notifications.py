"""Tell people what happened to them, and let them say that they have read it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications import models
from subgraphs.notifications.crud import closed_people, holdings
from subgraphs.notifications.crud import notifications as inbox
from subgraphs.notifications.domain import preferences
from subgraphs.notifications.domain.catalogue import TELLINGS, Telling, reader_values
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.domain.vocabulary import SENT_BY_ACCOUNTS, Language
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event, EventPayload


async def tell(session: AsyncSession, event: Event, payload: EventPayload, *, now: datetime) -> None:
    """
    Put what *event* says into the inboxes of those it concerns, and on its way over the channels they chose.

    The inbox does not wait for anything: the person need not even be known here yet, since facts of different domains
    come in any order. A channel's address is looked up when the message goes out. What a fact has told somebody before
    is not told again.
    """
    if (telling := TELLINGS.get(type(payload))) and telling.person:
        await _tell(session, event, payload, telling, [getattr(payload, telling.person)], now=now)
    if telling := HOLDER_TELLINGS.get(type(payload)):
        cpr_id: UUID = getattr(payload, "cpr_id")  # noqa: B009  # every fact that holders are told has one
        holders = await holdings.list_holders(session, cpr_id, at=event.time)
        await _tell(session, event, payload, telling, holders, now=now)


async def _tell(
    session: AsyncSession,
    event: Event,
    payload: EventPayload,
    telling: Telling,
    people: Sequence[UUID],
    *,
    now: datetime,
) -> None:
    if not people or not telling.applies(payload):
        return
    await closed_people.keep_people(session)
    closed = await closed_people.list_closed(session, people)
    portuguese, english = reader_values(payload, Language.PORTUGUESE), reader_values(payload, Language.ENGLISH)
    message = {
        "category": telling.category,
        "title": telling.words.title.format(**portuguese),
        "body": telling.words.body.format(**portuguese),
        "title_english": telling.words.title_english.format(**english),
        "body_english": telling.words.body_english.format(**english),
        "subject_type": telling.subject_type,
        "subject_id": getattr(payload, telling.subject) if telling.subject else None,
        "occurred_at": event.time,
        "event_id": event.id,
    }
    rows = [{"id": new_id(), "user_id": user_id, **message} for user_id in people if user_id not in closed]
    if not rows:
        return
    told = await inbox.add_notifications(session, rows)
    channels = await preferences.enabled_channels(session, told, telling.category)
    session.add_all(
        models.Dispatch(id=new_id(), notification_id=notification_id, channel=channel, attempts=0, due_at=now)
        for user_id, notification_id in told.items()
        for channel in channels[user_id]
        if (telling.category, channel) not in SENT_BY_ACCOUNTS
    )


async def mark_read(session: AsyncSession, *, reader: UUID, ids: Collection[UUID], now: datetime) -> None:
    """Mark the reader's own among *ids* as read; others', and those that do not exist, are passed over."""
    await inbox.mark_read(session, reader, now=now, ids=ids)


async def mark_all_read(session: AsyncSession, *, reader: UUID, now: datetime) -> None:
    """Mark everything in the reader's inbox as read."""
    await inbox.mark_read(session, reader, now=now)
