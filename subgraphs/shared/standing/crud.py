"""SQL on standing. Every statement may be repeated, and bears any order of facts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.read_models import put_newest
from subgraphs.shared.reading import Reader
from subgraphs.shared.standing.tables import EndedSession, PersonStanding, PersonStatus, StandingFeed, WithdrawnKey
from subgraphs.shared.statements import is_any_of


async def decide_person(session: AsyncSession, user_id: UUID, status: PersonStatus, *, changed_at: datetime) -> None:
    """For the domain that decides, in the transaction in which it does: the newest word is this one."""
    statement = insert(PersonStanding).values(user_id=user_id, status=status.value, version=1, changed_at=changed_at)
    newer = {"status": status.value, "version": PersonStanding.version + 1, "changed_at": changed_at}
    await session.execute(statement.on_conflict_do_update(index_elements=[PersonStanding.user_id], set_=newer))


async def put_status(session: AsyncSession, user_id: UUID, status: PersonStatus, *, event: Event) -> None:
    """For the domains that are told: keep what *event* says of somebody, unless something newer is known."""
    values = {"status": status.value, "changed_at": event.time}
    await put_newest(session, PersonStanding, {"user_id": user_id}, values, event=event)


async def keep_ended_sessions(session: AsyncSession, session_ids: Iterable[UUID], *, forget_at: datetime) -> None:
    rows = [{"session_id": session_id, "forget_at": forget_at} for session_id in session_ids]
    if not rows:
        return
    statement = insert(EndedSession).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[EndedSession.session_id],
            set_={"forget_at": func.greatest(EndedSession.forget_at, statement.excluded.forget_at)},
        )
    )


async def keep_withdrawn_key(session: AsyncSession, key_id: str, *, withdrawn_at: datetime) -> None:
    statement = insert(WithdrawnKey).values(key_id=key_id, withdrawn_at=withdrawn_at)
    await session.execute(statement.on_conflict_do_nothing())


async def keep_feed(session: AsyncSession, told_at: datetime, *, at_least: timedelta = timedelta(0)) -> bool:
    """
    Note that everything is known that was decided before *told_at*.

    False when as much was known already, but for less than *at_least*.
    """
    statement = insert(StandingFeed).values(id=1, told_at=told_at)
    kept = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[StandingFeed.id],
            set_={"told_at": told_at},
            where=StandingFeed.told_at < told_at - at_least,
        ).returning(StandingFeed.id)
    )
    return kept is not None


async def find_status(session: AsyncSession, user_id: UUID) -> PersonStatus:
    status = await session.scalar(select(PersonStanding.status).where(PersonStanding.user_id == user_id))
    return status or PersonStatus.ACTIVE


_STATUSES = select(PersonStanding.user_id, PersonStanding.status).where(is_any_of(PersonStanding.user_id, "user_ids"))


async def list_statuses(session: Reader, user_ids: Sequence[UUID]) -> dict[UUID, PersonStatus]:
    """By person; without those about whom nothing was ever decided, who are in good standing."""
    rows = (await session.execute(_STATUSES, {"user_ids": user_ids})).all()
    return dict(rows)


async def list_people(session: Reader, *, closed_since: datetime) -> Sequence[PersonStanding]:
    """All of whom a process must know. Who left before *closed_since* has no token any more that is still good."""
    statement = select(PersonStanding).where(
        or_(PersonStanding.status != PersonStatus.CLOSED, PersonStanding.changed_at >= closed_since)
    )
    return (await session.scalars(statement)).all()


async def list_ended_sessions(session: Reader, *, now: datetime) -> Sequence[EndedSession]:
    return (await session.scalars(select(EndedSession).where(EndedSession.forget_at > now))).all()


async def list_withdrawn_keys(session: Reader) -> Sequence[str]:
    return (await session.scalars(select(WithdrawnKey.key_id))).all()


async def find_told_at(session: Reader) -> datetime | None:
    told_at: datetime | None = await session.scalar(select(StandingFeed.told_at))
    return told_at


async def delete_ended_sessions(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(delete(EndedSession).where(EndedSession.forget_at <= now))
