"""Inboxes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Notification
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of, rows_of, table_of

_NEW = rows_of(
    Notification.id,
    Notification.user_id,
    Notification.category,
    Notification.title,
    Notification.body,
    Notification.title_english,
    Notification.body_english,
    Notification.subject_type,
    Notification.subject_id,
    Notification.occurred_at,
    Notification.event_id,
)
_ADD = (
    insert(table_of(Notification))
    .from_select([column.name for column in _NEW.c], select(*_NEW.c))
    .on_conflict_do_nothing()
    .returning(table_of(Notification).c.id)
)


async def add_notifications(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Put each into its person's inbox; the ids of the new ones, without those that their fact has told before."""
    return set(await session.scalars(_ADD, {column.name: [row[column.name] for row in rows] for column in _NEW.c}))


_NEWEST_FIRST = (
    select(Notification)
    .where(Notification.user_id == bindparam("user_id"))
    .order_by(Notification.occurred_at.desc(), Notification.id.desc())
    .limit(bindparam("limit"))
)


async def list_notifications(
    session: Reader, user_id: UUID, page: PageRequest, *, unread_only: bool
) -> Sequence[Notification]:
    """Newest first."""
    statement = _NEWEST_FIRST
    if unread_only:
        statement = statement.where(Notification.read_at.is_(None))
    if page.place:
        statement = statement.where(tuple_(Notification.occurred_at, Notification.id) < page.place)
    return (await session.scalars(statement, {"user_id": user_id, "limit": page.limit})).all()


async def list_by_id(session: Reader, ids: Collection[UUID], *, user_id: UUID) -> Sequence[Notification]:
    """Those of *ids* that are the user's."""
    mine = select(Notification).where(Notification.id.in_(ids), Notification.user_id == user_id)
    return (await session.scalars(mine)).all()


async def last_place(session: Reader, user_id: UUID) -> int:
    """The place of the newest in the inbox; 0 where it is empty."""
    return await session.scalar(select(func.max(Notification.place)).where(Notification.user_id == user_id)) or 0


async def list_behind(session: Reader, user_id: UUID, place: int, *, limit: int) -> Sequence[Notification]:
    """What came into the inbox after the one at *place*, in order."""
    behind = select(Notification).where(Notification.user_id == user_id, Notification.place > place)
    return (await session.scalars(behind.order_by(Notification.place).limit(limit))).all()


_UNREAD = (
    select(Notification.user_id, func.count())
    .where(is_any_of(Notification.user_id, "user_ids"), Notification.read_at.is_(None))
    .group_by(Notification.user_id)
)


async def count_unread(session: Reader, user_ids: Collection[UUID]) -> dict[UUID, int]:
    return dict((await session.execute(_UNREAD, {"user_ids": user_ids})).all())


async def mark_read(
    session: AsyncSession, user_id: UUID, *, now: datetime, ids: Collection[UUID] | None = None
) -> None:
    """Mark the user's unread notifications as read: those of *ids*, or all."""
    statement = update(Notification).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    if ids is not None:
        statement = statement.where(Notification.id.in_(ids))
    # Clocks of two machines may differ; a notification is never read before it happened.
    await session.execute(statement.values(read_at=func.greatest(now, Notification.occurred_at)))
