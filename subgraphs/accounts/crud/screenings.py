"""SQL on who was looked up on which lists, and what was found."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import HitStatus, IdentityStatus, Screening, ScreeningHit, ScreeningList, User
from subgraphs.shared.reading import Reader


async def keep_screening(session: AsyncSession, user_id: UUID, *, list_date: date, now: datetime) -> None:
    statement = insert(Screening).values(user_id=user_id, list_date=list_date, screened_at=now)
    newer = {"list_date": statement.excluded.list_date, "screened_at": statement.excluded.screened_at}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"], set_=newer, where=Screening.list_date <= statement.excluded.list_date
        )
    )


async def add_hit(session: AsyncSession, **values: Any) -> bool:
    """Whether the entry was found for the first time."""
    added = insert(ScreeningHit).values(**values).on_conflict_do_nothing().returning(ScreeningHit.id)
    return await session.scalar(added) is not None


async def find_whose(session: AsyncSession, hit_id: UUID) -> UUID | None:
    """Who an entry may be."""
    found: UUID | None = await session.scalar(select(ScreeningHit.user_id).where(ScreeningHit.id == hit_id))
    return found


async def lock_hit(session: AsyncSession, hit_id: UUID) -> ScreeningHit | None:
    return await session.get(ScreeningHit, hit_id, with_for_update=True, populate_existing=True)


async def list_standing_hits(session: AsyncSession, user_id: UUID) -> Sequence[ScreeningHit]:
    """Those that nobody has cleared."""
    standing = select(ScreeningHit).where(ScreeningHit.user_id == user_id, ScreeningHit.status != HitStatus.CLEARED)
    return (await session.scalars(standing.order_by(ScreeningHit.found_at, ScreeningHit.id))).all()


async def is_blocked(session: AsyncSession, user_id: UUID) -> bool:
    """Whether an entry of sanctions may be them, or is."""
    hits = await list_standing_hits(session, user_id)
    return any(hit.kind == ScreeningList.SANCTIONS for hit in hits)


async def has_locked_out(session: AsyncSession, user_id: UUID, *, at: datetime | None) -> bool:
    """Whether it was an entry that locked somebody out at that moment; None is never."""
    found = select(ScreeningHit.id).where(ScreeningHit.user_id == user_id, ScreeningHit.locked_out_at == at).limit(1)
    return at is not None and await session.scalar(found) is not None


async def list_due(session: Reader, *, list_date: date, after: UUID | None, limit: int) -> Sequence[User]:
    """Verified people who were not looked up on the lists of that day, by id."""
    statement = (
        select(User)
        .join(Screening, Screening.user_id == User.id, isouter=True)
        .where(
            User.identity_status == IdentityStatus.VERIFIED,
            User.closed_at.is_(None),
            or_(Screening.user_id.is_(None), Screening.list_date < list_date),
        )
        .order_by(User.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(User.id > after)
    return (await session.scalars(statement)).all()


async def list_hits(
    session: Reader, *, status: HitStatus | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[ScreeningHit]:
    """Those waiting longest first."""
    statement = select(ScreeningHit).order_by(ScreeningHit.found_at, ScreeningHit.id).limit(limit)
    if status is not None:
        statement = statement.where(ScreeningHit.status == status)
    if after is not None:
        statement = statement.where(tuple_(ScreeningHit.found_at, ScreeningHit.id) > after)
    return (await session.scalars(statement)).all()
