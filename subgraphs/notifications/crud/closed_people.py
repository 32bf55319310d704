"""Who has left, and what goes with them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import (
    Activity,
    ChosenLanguage,
    ClosedPerson,
    Dispatch,
    Notification,
    Preference,
    PushDevice,
)
from subgraphs.shared.statements import is_any_of


async def lock_person(session: AsyncSession, user_id: UUID) -> None:
    """Let what is kept of a person wait for their leaving, and the other way round, until the transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"person:{user_id}"}
    )


async def keep_people(session: AsyncSession) -> None:
    """
    Let nobody leave until the transaction ends, while others are kept as well.

    One lock for all of them, since a fact may be told to thousands. Before `list_closed`: who leaves meanwhile is in
    its answer, or finds what was written.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock_shared(hashtextextended('leaving', 0))"))


_CLOSED = select(ClosedPerson.user_id).where(is_any_of(ClosedPerson.user_id, "user_ids"))


async def list_closed(session: AsyncSession, user_ids: Collection[UUID]) -> set[UUID]:
    """Those of *user_ids* whose account is closed."""
    return set(await session.scalars(_CLOSED, {"user_ids": list(user_ids)}))


async def close_person(session: AsyncSession, user_id: UUID, *, closed_at: datetime) -> None:
    """Delete a person's inbox, time line, choices and devices, and let nothing more come in."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('leaving', 0))"))
    await lock_person(session, user_id)
    closed = insert(ClosedPerson).values(user_id=user_id, closed_at=closed_at)
    await session.execute(closed.on_conflict_do_nothing())
    inbox = select(Notification.id).where(Notification.user_id == user_id)
    await session.execute(delete(Dispatch).where(Dispatch.notification_id.in_(inbox)))
    for owned in (Notification, Activity, Preference, ChosenLanguage, PushDevice):
        await session.execute(delete(owned).where(owned.user_id == user_id))
