"""`NotificationPreference`: one cell of a person's table of preferences."""

from typing import Self

import strawberry

from subgraphs.notifications.api.types.vocabulary import Category, Channel, Language
from subgraphs.notifications.domain.preferences import PreferenceView


@strawberry.type(description="Whether notifications of a category go out over a channel.")
class NotificationPreference:
    category: Category
    channel: Channel
    enabled: bool
    fixed: bool = strawberry.field(description="Always sent; cannot be switched off.")

    @classmethod
    def from_view(cls, view: PreferenceView) -> Self:
        return cls(category=view.category, channel=view.channel, enabled=view.enabled, fixed=view.fixed)


@strawberry.type(description="The language in which somebody is written to.")
class NotificationLanguageChoice:
    language: Language
