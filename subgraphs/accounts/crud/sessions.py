"""SQL on sessions and refresh tokens."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, case, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import RefreshToken, Session, SessionEnd, User
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def lock_refresh_token(session: AsyncSession, token_hash: bytes) -> RefreshToken | None:
    """The token, locked: of two refreshes with the same one the second sees what the first did."""
    return await session.get(RefreshToken, token_hash, with_for_update=True)


async def find_refresh_token(session: Reader, token_hash: bytes) -> RefreshToken | None:
    return await session.get(RefreshToken, token_hash)


async def lock_session(session: AsyncSession, session_id: UUID) -> Session | None:
    return await session.get(Session, session_id, with_for_update=True, populate_existing=True)


async def find_session(session: Reader, session_id: UUID) -> Session | None:
    return await session.get(Session, session_id)


async def list_open_sessions(session: AsyncSession, user_id: UUID) -> Sequence[Session]:
    """The one idle longest first."""
    statement = (
        select(Session)
        .where(Session.user_id == user_id, Session.ended_at.is_(None))
        .order_by(Session.last_used_at, Session.id)
    )
    return (await session.scalars(statement)).all()


_OPEN = (
    select(Session)
    .where(
        is_any_of(Session.user_id, "user_ids"), Session.ended_at.is_(None), Session.last_used_at > bindparam("since")
    )
    .order_by(Session.created_at.desc(), Session.id.desc())
)


async def list_sessions_of(session: Reader, user_ids: Iterable[UUID], *, since: datetime) -> Sequence[Session]:
    """Open sessions, the newest first."""
    return (await session.scalars(_OPEN, {"user_ids": list(user_ids), "since": since})).all()


async def list_history(
    session: Reader, user_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Session]:
    """All sessions, open and ended, the newest first."""
    statement = (
        select(Session)
        .where(Session.user_id == user_id)
        .order_by(Session.created_at.desc(), Session.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(Session.created_at, Session.id) < after)
    return (await session.scalars(statement)).all()


async def is_open(session: Reader, session_id: UUID, user_id: UUID) -> bool:
    """Whether a person's session goes on, and the person is neither suspended nor gone."""
    statement = (
        select(Session.id)
        .join(User, User.id == Session.user_id)
        .where(
            Session.id == session_id,
            Session.user_id == user_id,
            Session.ended_at.is_(None),
            User.suspended_at.is_(None),
            User.closed_at.is_(None),
        )
    )
    return await session.scalar(statement) is not None


async def end_sessions(
    session: AsyncSession, user_id: UUID, *, now: datetime, reason: str, except_id: UUID | None = None
) -> Sequence[UUID]:
    """End every open session of a person but one; which. The person's row must be locked."""
    ended = await session.execute(
        update(Session)
        .where(Session.user_id == user_id, Session.ended_at.is_(None), Session.id.is_distinct_from(except_id))
        .values(ended_at=now, end_reason=reason)
        .returning(Session.id)
    )
    return ended.scalars().all()


async def end_dead_sessions(
    session: AsyncSession, *, idle_since: datetime, begun_before: datetime, now: datetime
) -> None:
    """Write down the end of sessions that must not go on. Those being refreshed at this moment are left alone."""
    dead = (
        select(Session.id)
        .where(
            Session.ended_at.is_(None),
            or_(Session.last_used_at <= idle_since, Session.created_at <= begun_before),
        )
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        update(Session)
        .where(Session.id.in_(dead))
        .values(
            ended_at=now,
            end_reason=case((Session.last_used_at <= idle_since, SessionEnd.IDLE), else_=SessionEnd.TOO_OLD),
        )
    )


async def delete_tokens_of_ended_sessions(session: AsyncSession, before: datetime) -> None:
    """A token of a session that ended long ago is unknown from then on, which says as much."""
    old = select(Session.id).where(Session.ended_at < before)
    await session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(old)))


async def erase_origins(session: AsyncSession, before: datetime) -> None:
    """Forget from where the sessions begun before *before* came."""
    await session.execute(
        update(Session)
        .where(Session.created_at < before, (Session.address.is_not(None)) | (Session.user_agent.is_not(None)))
        .values(address=None, user_agent=None)
    )
