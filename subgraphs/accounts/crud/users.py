"""SQL on people."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import User


async def find_user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def lock_user(session: AsyncSession, user_id: UUID) -> User | None:
    """The person, locked: whoever changes an account or its sessions waits for the other."""
    return await session.get(User, user_id, with_for_update=True, populate_existing=True)


async def find_user_by_email(session: AsyncSession, email_key: str) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.email_key == email_key))
    return found


async def find_user_by_cpf(session: AsyncSession, fingerprint: bytes) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.cpf_fingerprint == fingerprint))
    return found


async def list_users(session: AsyncSession, user_ids: Iterable[UUID]) -> Sequence[User]:
    return (await session.scalars(select(User).where(User.id.in_(set(user_ids))))).all()
