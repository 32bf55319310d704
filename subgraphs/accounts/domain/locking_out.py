"""Locking somebody out, and letting them in again: at once, everywhere, and written down."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import telling
from subgraphs.accounts.models.vocabulary import AuditAction, SessionEnd
from subgraphs.shared.ids import new_id


async def lock_out(
    session: AsyncSession,
    services: Services,
    user: models.User,
    *,
    actor_id: UUID | None,
    reason: str,
    now: datetime,
) -> None:
    """Suspend the locked *user*: every session ends. Nobody decided it where *actor_id* is None."""
    user.suspended_at = now
    ended = await crud.sessions.end_sessions(session, user.id, now=now, reason=SessionEnd.SUSPENDED)
    await telling.tell_sessions_ended(session, services, user.id, ended, now=now)
    await telling.tell_suspended(session, user.id, now=now)
    _write_down(session, user, AuditAction.SUSPENDED, actor_id=actor_id, reason=reason, now=now)


async def let_in(session: AsyncSession, user: models.User, *, actor_id: UUID, reason: str, now: datetime) -> None:
    """End the suspension of the locked *user*."""
    user.suspended_at = None
    await telling.tell_reactivated(session, user.id, now=now)
    _write_down(session, user, AuditAction.REACTIVATED, actor_id=actor_id, reason=reason, now=now)


def _write_down(
    session: AsyncSession, user: models.User, action: AuditAction, *, actor_id: UUID | None, reason: str, now: datetime
) -> None:
    session.add(
        models.AuditEntry(
            id=new_id(), occurred_at=now, actor_id=actor_id, action=action, user_id=user.id, reason=reason
        )
    )
