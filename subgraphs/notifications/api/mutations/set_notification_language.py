"""`setNotificationLanguage`: choose the language of what goes out of the app."""

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.types.preference import NotificationLanguageChoice
from subgraphs.notifications.api.types.vocabulary import Language
from subgraphs.notifications.crud import preferences
from subgraphs.notifications.domain.people import hold_person
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The language to be written to in.")
class SetNotificationLanguageInput:
    language: Language = strawberry.field(description="The language of all that goes out from now on.")


@mutation(
    description="Choose the language of e-mails, push messages and SMS.",
)
async def set_notification_language(info: Info, input: SetNotificationLanguageInput) -> NotificationLanguageChoice:
    user_id = info.context.require().user_id
    async with info.context.begin() as session:
        await hold_person(session, user_id)
        await preferences.set_language(session, user_id, input.language)
    return NotificationLanguageChoice(language=input.language)
