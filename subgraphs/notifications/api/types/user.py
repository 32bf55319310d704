"""What this domain adds to `User`: inbox, preferences, time line. All of it is the person's own."""

from typing import Annotated, Self

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.loaders import (
    devices_by_user,
    languages_by_user,
    preferences_by_user,
    unread_counts_by_user,
)
from subgraphs.notifications.api.types.activity import ActivityPage, entity_of
from subgraphs.notifications.api.types.notification import Notification, NotificationPage
from subgraphs.notifications.api.types.preference import NotificationPreference
from subgraphs.notifications.api.types.push_device import PushDevice
from subgraphs.notifications.api.types.vocabulary import Language
from subgraphs.notifications.crud import activities, notifications
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight


@strawberry.federation.type(description=descriptions.USER, keys=["id"])
class User(Node):
    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        """Any signed-in asker gets the key back; every field below asks again whose it is."""
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]

    def _is_seen(self, info: Info) -> bool:
        return info.context.shows_own(require_id(self.id), Sight.INBOX)

    @strawberry.field(description="The inbox, newest first. Null for others than the person.", directives=[PAGED])
    async def notifications(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        unread_only: Annotated[
            bool, strawberry.argument(description="Leave out what has been read; all come unless it is true.")
        ] = False,
    ) -> NotificationPage | None:
        page = page_request(first, after)
        if not self._is_seen(info):
            return None
        async with info.context.read() as session:
            found = await notifications.list_notifications(session, require_id(self.id), page, unread_only=unread_only)
        kept, page_info = cut_page(found, page, lambda item: Cursor(item.occurred_at, item.id))
        return NotificationPage(nodes=[Notification.from_model(item) for item in kept], page_info=page_info)

    @strawberry.field(description="How many notifications are unread. Null for others than the person.")
    async def unread_count(self, info: Info) -> int | None:
        if not self._is_seen(info):
            return None
        return await info.context.loader(unread_counts_by_user).load(require_id(self.id))

    @strawberry.field(description="Every category and channel. Null for others than the person.")
    async def notification_preferences(self, info: Info) -> list[NotificationPreference] | None:
        if not self._is_seen(info):
            return None
        views = await info.context.loader(preferences_by_user).load(require_id(self.id))
        return [NotificationPreference.from_view(view) for view in views]

    @strawberry.field(
        description="In what e-mails, push messages and SMS are written. Null for others than the person."
    )
    async def notification_language(self, info: Info) -> Language | None:
        if not self._is_seen(info):
            return None
        return await info.context.loader(languages_by_user).load(require_id(self.id))

    @strawberry.field(
        description="Where push messages go, heard of last first. Null for others than the person.",
        directives=[sized(3)],
    )
    async def push_devices(self, info: Info) -> list[PushDevice] | None:
        if not self._is_seen(info):
            return None
        rows = await info.context.loader(devices_by_user).load(require_id(self.id))
        return [PushDevice.from_model(row) for row in rows]

    @strawberry.field(
        description="What happened lately, newest first. Null for others than the person.", directives=[PAGED]
    )
    async def activities(self, info: Info, first: First = None, after: After = None) -> ActivityPage | None:
        page = page_request(first, after)
        if not self._is_seen(info):
            return None
        async with info.context.read() as session:
            found = await activities.list_activities(session, require_id(self.id), page)
        kept, page_info = cut_page(found, page, lambda item: Cursor(item.occurred_at, item.id))
        return ActivityPage(nodes=[entity_of(item) for item in kept], page_info=page_info)
