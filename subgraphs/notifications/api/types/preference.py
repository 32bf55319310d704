"""`NotificationPreference`: one cell of a person's table of preferences."""

from typing import Self

import strawberry

from subgraphs.notifications.api.types.vocabulary import Category, Channel, Language
from subgraphs.notifications.domain.preferences import PreferenceView


@strawberry.type(description="Whether notifications of a category go out over a channel.")
class NotificationPreference:
    category: Category = strawberry.field(description="Which kind of notification.")
    channel: Channel = strawberry.field(description="Which way out of the app.")
    enabled: bool = strawberry.field(description="Whether they are sent that way.")
    fixed: bool = strawberry.field(description="Always sent; cannot be switched off.")

    @classmethod
    def from_view(cls, view: PreferenceView) -> Self:
        return cls(category=view.category, channel=view.channel, enabled=view.enabled, fixed=view.fixed)


@strawberry.type(description="The language in which somebody is written to.")
class NotificationLanguageChoice:
    language: Language = strawberry.field(description="The language that was chosen.")
