"""SQL on confirmations and reset links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import Confirmation, PasswordReset
from subgraphs.shared.reading import Reader


async def lock_confirmation_by_secret(session: AsyncSession, secret_hash: bytes) -> Confirmation | None:
    statement = select(Confirmation).where(Confirmation.secret_hash == secret_hash).with_for_update()
    found: Confirmation | None = await session.scalar(statement)
    return found


async def lock_newest_confirmation(session: AsyncSession, user_id: UUID, channel: str) -> Confirmation | None:
    """The one sent last: an earlier code is void once another is on its way."""
    statement = (
        select(Confirmation)
        .where(Confirmation.user_id == user_id, Confirmation.channel == channel)
        .order_by(Confirmation.created_at.desc(), Confirmation.id.desc())
        .limit(1)
        .with_for_update()
    )
    found: Confirmation | None = await session.scalar(statement)
    return found


async def lock_reset(session: AsyncSession, token_hash: bytes) -> PasswordReset | None:
    statement = select(PasswordReset).where(PasswordReset.token_hash == token_hash).with_for_update()
    found: PasswordReset | None = await session.scalar(statement)
    return found


async def is_open_reset(session: Reader, token_hash: bytes, *, now: datetime) -> bool:
    """Whether the link still works: asked before a new password is hashed for it."""
    statement = select(PasswordReset.id).where(
        PasswordReset.token_hash == token_hash, PasswordReset.used_at.is_(None), PasswordReset.expires_at > now
    )
    return await session.scalar(statement) is not None


async def void_resets(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """No other link of this person works any more."""
    await session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
    )


async def delete_links(session: AsyncSession, *, expired_before: datetime) -> None:
    await session.execute(delete(Confirmation).where(Confirmation.expires_at < expired_before))
    await session.execute(delete(PasswordReset).where(PasswordReset.expires_at < expired_before))


async def void_confirmations(session: AsyncSession, user_id: UUID, channel: str) -> None:
    """No earlier link or code of this channel works any more."""
    await session.execute(
        delete(Confirmation).where(
            Confirmation.user_id == user_id, Confirmation.channel == channel, Confirmation.used_at.is_(None)
        )
    )


async def delete_links_of(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(Confirmation).where(Confirmation.user_id == user_id))
    await session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))
