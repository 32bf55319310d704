"""SQL on signing keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import SigningKey
from subgraphs.shared.reading import Reader

_LOCK = 7_205_991_101
"""Of the database's advisory locks: whoever changes the set of keys holds it."""


async def lock_all_keys(session: AsyncSession) -> None:
    """Rows alone cannot be locked here: the first key is made when there is none."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def list_published_keys(session: Reader, now: datetime) -> list[SigningKey]:
    published = or_(SigningKey.published_until.is_(None), SigningKey.published_until > now)
    found: Sequence[SigningKey] = (
        await session.scalars(select(SigningKey).where(published).order_by(SigningKey.signs_from, SigningKey.id))
    ).all()
    return list(found)


async def find_newest_key(session: AsyncSession) -> SigningKey | None:
    newest: SigningKey | None = await session.scalar(
        select(SigningKey).order_by(SigningKey.signs_from.desc(), SigningKey.id.desc()).limit(1)
    )
    return newest


async def unpublish_keys_after(session: AsyncSession, instant: datetime) -> None:
    """Give every key without an end this one."""
    await session.execute(
        update(SigningKey).where(SigningKey.published_until.is_(None)).values(published_until=instant)
    )


async def delete_unpublished_keys(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(SigningKey).where(SigningKey.published_until <= now))


async def delete_key(session: AsyncSession, key_id: str) -> bool:
    deleted = await session.execute(delete(SigningKey).where(SigningKey.id == key_id).returning(SigningKey.id))
    return deleted.first() is not None
