"""What people want to be told outside the app."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.crud import preferences as choices
from subgraphs.notifications.domain.people import hold_person
from subgraphs.notifications.domain.refusals import PreferenceFixed
from subgraphs.notifications.domain.vocabulary import ALWAYS_SENT, Category, Channel, enabled_by_default
from subgraphs.shared.reading import Reader


@dataclass(frozen=True)
class PreferenceView:
    """One cell of a person's table of preferences."""

    category: Category
    channel: Channel
    enabled: bool
    fixed: bool


async def list_preferences(session: Reader, user_ids: Collection[UUID]) -> dict[UUID, list[PreferenceView]]:
    """Each person's whole table, defaults filled in."""
    chosen = {
        (row.user_id, row.category, row.channel): row.enabled
        for row in await choices.list_preferences(session, user_ids)
    }
    return {
        user_id: [_view(category, channel, chosen.get((user_id, category, channel)))
                  for category in Category for channel in Channel]
        for user_id in user_ids
    }  # fmt: skip


def _view(category: Category, channel: Channel, chosen: bool | None) -> PreferenceView:
    fixed = (category, channel) in ALWAYS_SENT
    wanted = enabled_by_default(category, channel) if chosen is None else chosen
    return PreferenceView(category, channel, enabled=fixed or wanted, fixed=fixed)


async def enabled_channels(
    session: AsyncSession, user_ids: Collection[UUID]
) -> dict[tuple[UUID, Category], list[Channel]]:
    """Over which channels each person wants to hear of each category."""
    channels: dict[tuple[UUID, Category], list[Channel]] = defaultdict(list)
    for user_id, views in (await list_preferences(session, user_ids)).items():
        for view in views:
            if view.enabled:
                channels[user_id, view.category].append(view.channel)
    return channels


async def set_preference(
    session: AsyncSession, *, user_id: UUID, category: Category, channel: Channel, enabled: bool
) -> PreferenceView:
    """
    Switch one channel on or off for one category.

    Refuses with PreferenceFixed for what is always sent. Raises NoLongerMay.
    """
    if (category, channel) in ALWAYS_SENT and not enabled:
        raise PreferenceFixed(category=category, channel=channel)
    await hold_person(session, user_id)
    await choices.set_preference(session, user_id=user_id, category=category, channel=channel, enabled=enabled)
    return _view(category, channel, enabled)
