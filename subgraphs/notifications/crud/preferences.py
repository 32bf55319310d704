"""Choices."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Preference
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of

_OF_USERS = select(Preference).where(is_any_of(Preference.user_id, "user_ids"))


async def list_preferences(session: Reader, user_ids: Collection[UUID]) -> Sequence[Preference]:
    return (await session.scalars(_OF_USERS, {"user_ids": user_ids})).all()


async def set_preference(session: AsyncSession, *, user_id: UUID, category: str, channel: str, enabled: bool) -> None:
    values = {"user_id": user_id, "category": category, "channel": channel, "enabled": enabled}
    key = [Preference.user_id, Preference.category, Preference.channel]
    statement = insert(Preference).values(**values)
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_={"enabled": enabled}))
