"""Look-ups that a request makes in batches."""

from collections.abc import Sequence
from uuid import UUID

from subgraphs.notifications import models
from subgraphs.notifications.api.context import Context
from subgraphs.notifications.crud import notifications, push_devices
from subgraphs.notifications.crud import preferences as choices
from subgraphs.notifications.domain import preferences
from subgraphs.notifications.domain.preferences import PreferenceView
from subgraphs.notifications.domain.vocabulary import Language


async def unread_counts_by_user(context: Context, user_ids: list[UUID]) -> Sequence[int]:
    async with context.read() as session:
        counts = await notifications.count_unread(session, user_ids)
    return [counts.get(user_id, 0) for user_id in user_ids]


async def languages_by_user(context: Context, user_ids: list[UUID]) -> Sequence[Language]:
    async with context.read() as session:
        chosen = await choices.list_languages(session, user_ids)
    return [Language(chosen.get(user_id, Language.PORTUGUESE)) for user_id in user_ids]


async def preferences_by_user(context: Context, user_ids: list[UUID]) -> Sequence[list[PreferenceView]]:
    async with context.read() as session:
        by_user = await preferences.list_preferences(session, user_ids)
    return [by_user[user_id] for user_id in user_ids]


async def devices_by_user(context: Context, user_ids: list[UUID]) -> Sequence[list[models.PushDevice]]:
    async with context.read() as session:
        found = await push_devices.list_devices(session, user_ids)
    return [[device for device in found if device.user_id == user_id] for user_id in user_ids]
