"""SQL on second factors and recovery codes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import RecoveryCode, SecondFactor
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def lock_second_factor(session: AsyncSession, user_id: UUID) -> SecondFactor | None:
    """The factor, locked: a code sent twice at once is accepted once."""
    return await session.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)


_CONFIRMED = select(SecondFactor.user_id).where(
    is_any_of(SecondFactor.user_id, "user_ids"), SecondFactor.confirmed_at.is_not(None)
)


async def list_confirmed(session: Reader, user_ids: Iterable[UUID]) -> set[UUID]:
    """Those of *user_ids* who have a second factor in place."""
    return set((await session.scalars(_CONFIRMED, {"user_ids": list(user_ids)})).all())


async def use_recovery_code(session: AsyncSession, user_id: UUID, code_hash: bytes, *, now: datetime) -> bool:
    """Whether the code was there and unused; it is used now."""
    used = await session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.code_hash)
    )
    return used.first() is not None


async def delete_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def delete_second_factor(session: AsyncSession, user_id: UUID) -> None:
    await delete_recovery_codes(session, user_id)
    await session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
