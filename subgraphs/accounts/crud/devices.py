"""SQL on known devices and on codes that let a new one in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import KnownDevice, SignInUnlock, User
from subgraphs.shared.reading import Reader


async def is_device_of(session: Reader, token_hash: bytes, *, email_key: str) -> bool:
    """Whether the device has signed in to the account of this e-mail."""
    statement = (
        select(KnownDevice.user_id)
        .join(User, User.id == KnownDevice.user_id)
        .where(KnownDevice.token_hash == token_hash, User.email_key == email_key)
    )
    return await session.scalar(statement) is not None


async def touch_device(session: AsyncSession, token_hash: bytes, user_id: UUID, *, now: datetime) -> bool:
    """Note that the person's device was used; False when it is not theirs."""
    used = await session.execute(
        update(KnownDevice)
        .where(KnownDevice.token_hash == token_hash, KnownDevice.user_id == user_id)
        .values(last_used_at=now)
        .returning(KnownDevice.user_id)
    )
    return used.first() is not None


async def add_device(session: AsyncSession, token_hash: bytes, user_id: UUID, *, now: datetime) -> None:
    await session.execute(
        insert(KnownDevice).values(token_hash=token_hash, user_id=user_id, created_at=now, last_used_at=now)
    )


async def delete_surplus_devices(session: AsyncSession, user_id: UUID, *, kept: int) -> None:
    """Forget those of the person's devices that were unused longest."""
    surplus = (
        select(KnownDevice.token_hash)
        .where(KnownDevice.user_id == user_id)
        .order_by(KnownDevice.last_used_at.desc(), KnownDevice.created_at.desc())
        .offset(kept)
    )
    await session.execute(delete(KnownDevice).where(KnownDevice.token_hash.in_(surplus)))


async def delete_devices_of(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))


async def delete_devices(session: AsyncSession, *, unused_since: datetime) -> None:
    await session.execute(delete(KnownDevice).where(KnownDevice.last_used_at < unused_since))


async def put_unlock(
    session: AsyncSession, account_key: bytes, code_hash: bytes, *, now: datetime, expires_at: datetime
) -> bool:
    """Keep a new code; False when an earlier one still works, which then stays the only one."""
    statement = insert(SignInUnlock).values(account_key=account_key, code_hash=code_hash, expires_at=expires_at)
    put = await session.execute(
        statement.on_conflict_do_update(
            index_elements=[SignInUnlock.account_key],
            set_={"code_hash": code_hash, "expires_at": expires_at},
            where=SignInUnlock.expires_at <= now,
        ).returning(SignInUnlock.account_key)
    )
    return put.first() is not None


async def is_open_unlock(session: AsyncSession, account_key: bytes, code_hash: bytes, *, now: datetime) -> bool:
    statement = select(SignInUnlock.account_key).where(
        SignInUnlock.account_key == account_key,
        SignInUnlock.code_hash == code_hash,
        SignInUnlock.expires_at > now,
    )
    return await session.scalar(statement) is not None


async def delete_unlock(session: AsyncSession, account_key: bytes) -> None:
    await session.execute(delete(SignInUnlock).where(SignInUnlock.account_key == account_key))


async def delete_unlocks(session: AsyncSession, *, expired_before: datetime) -> None:
    await session.execute(delete(SignInUnlock).where(SignInUnlock.expires_at < expired_before))
