"""Keys of requests already answered."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.wallet.models import IdempotencyKey


async def add_key(session: AsyncSession, row: Mapping[str, Any]) -> bool:
    """Record a key; False when it was used before. Waits for a request under way with the same key."""
    statement = upsert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    return await session.scalar(statement) is not None


async def get_key(session: AsyncSession, user_id: UUID, key: str) -> IdempotencyKey:
    return await session.get_one(IdempotencyKey, (user_id, key))


async def set_result(session: AsyncSession, user_id: UUID, key: str, result_id: UUID) -> None:
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
        .values(result_id=result_id)
    )
