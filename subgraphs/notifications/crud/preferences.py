"""Choices."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import ChosenLanguage, Preference
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


_LANGUAGES = select(ChosenLanguage.user_id, ChosenLanguage.language).where(
    is_any_of(ChosenLanguage.user_id, "user_ids")
)


async def list_languages(session: Reader, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """By person, without those who chose none."""
    return {row[0]: row[1] for row in await session.execute(_LANGUAGES, {"user_ids": list(user_ids)})}


async def set_language(session: AsyncSession, user_id: UUID, language: str) -> None:
    statement = insert(ChosenLanguage).values(user_id=user_id, language=language)
    chosen = statement.on_conflict_do_update(index_elements=[ChosenLanguage.user_id], set_={"language": language})
    await session.execute(chosen)
