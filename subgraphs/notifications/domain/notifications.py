"""Tell people what happened to them, and let them say that they have read it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications import models
from subgraphs.notifications.crud import closed_people, holdings
from subgraphs.notifications.crud import notifications as inbox
from subgraphs.notifications.domain import preferences
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.domain.telling import Telling, reader_values
from subgraphs.notifications.domain.vocabulary import SENT_BY_ACCOUNTS, Language
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.event import Event, EventPayload


async def tell(session: AsyncSession, facts: Sequence[tuple[Event, EventPayload]], *, now: datetime) -> None:
    """
    Put what *facts* say into the inboxes of those they concern, and on its way over the channels they chose.

    The inbox does not wait for anything: the person need not even be known here yet, since facts of different domains
    come in any order. A channel's address is looked up when the message goes out. What a fact has told somebody before
    is not told again.
    """
    rows = [row for event, payload in facts for row in await _rows(session, event, payload)]
    if not rows:
        return
    await closed_people.keep_people(session)
    closed = await closed_people.list_closed(session, {row["user_id"] for row in rows})
    # By person, whose inbox's lock is taken: of two sets one waits for the other.
    rows = sorted((row for row in rows if row["user_id"] not in closed), key=itemgetter("user_id"))
    if not rows:
        return
    new = await inbox.add_notifications(session, rows)
    told = [row for row in rows if row["id"] in new]
    channels = await preferences.enabled_channels(session, {row["user_id"] for row in told})
    session.add_all(
        models.Dispatch(id=new_id(), notification_id=row["id"], channel=channel, attempts=0, due_at=now)
        for row in told
        for channel in channels[row["user_id"], row["category"]]
        if (row["category"], channel) not in SENT_BY_ACCOUNTS
    )


async def _rows(session: AsyncSession, event: Event, payload: EventPayload) -> list[dict[str, Any]]:
    """What one fact says, a row for each person."""
    rows = []
    if (telling := TELLINGS.get(type(payload))) and telling.person:
        rows += _rows_of(event, payload, telling, [getattr(payload, telling.person)])
    if telling := HOLDER_TELLINGS.get(type(payload)):
        cpr_id: UUID = getattr(payload, "cpr_id")  # noqa: B009  # every fact that holders are told has one
        rows += _rows_of(event, payload, telling, await holdings.list_holders(session, cpr_id, at=event.time))
    return rows


def _rows_of(event: Event, payload: EventPayload, telling: Telling, people: Sequence[UUID]) -> list[dict[str, Any]]:
    if not people or not telling.applies(payload):
        return []
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
    return [{"id": new_id(), "user_id": user_id, **message} for user_id in people]


async def mark_read(session: AsyncSession, *, reader: UUID, ids: Collection[UUID], now: datetime) -> None:
    """Mark the reader's own among *ids* as read; others', and those that do not exist, are passed over."""
    await inbox.mark_read(session, reader, now=now, ids=ids)


async def mark_all_read(session: AsyncSession, *, reader: UUID, now: datetime) -> None:
    """Mark everything in the reader's inbox as read."""
    await inbox.mark_read(session, reader, now=now)
