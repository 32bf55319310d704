"""`setNotificationPreference`: switch a channel on or off for a category."""

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.types.preference import NotificationPreference
from subgraphs.notifications.api.types.vocabulary import Category, Channel
from subgraphs.notifications.domain import preferences, refusals
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="A cell of the table of preferences, and its new value.")
class SetNotificationPreferenceInput:
    category: Category = strawberry.field(description="Which kind of notification.")
    channel: Channel = strawberry.field(description="Which way out of the app.")
    enabled: bool = strawberry.field(description="Whether they are sent that way from now on.")


@mutation(
    refusals.PreferenceFixed,
    description="Choose whether notifications of a category go out over a channel.",
)
async def set_notification_preference(info: Info, input: SetNotificationPreferenceInput) -> NotificationPreference:
    user_id = info.context.require().user_id
    async with info.context.begin() as session:
        view = await preferences.set_preference(
            session, user_id=user_id, category=input.category, channel=input.channel, enabled=input.enabled
        )
    return NotificationPreference.from_view(view)
