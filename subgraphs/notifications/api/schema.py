"""The notifications' part of the graph."""

from typing import Annotated

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.mutations.mark_notifications_read import mark_notifications_read
from subgraphs.notifications.api.mutations.register_device import register_device
from subgraphs.notifications.api.mutations.remove_device import remove_device
from subgraphs.notifications.api.mutations.set_notification_language import set_notification_language
from subgraphs.notifications.api.mutations.set_notification_preference import set_notification_preference
from subgraphs.notifications.api.nodes import NodeFields
from subgraphs.notifications.api.subscriptions.notification_received import notification_received
from subgraphs.notifications.api.types.activity import ENTITIES
from subgraphs.notifications.api.types.notification import Notification
from subgraphs.notifications.api.types.owned import ENTITIES as OWNED
from subgraphs.notifications.api.types.subject import ENTITIES as SUBJECTS
from subgraphs.notifications.api.types.user import User
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.me import me_field
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Query(NodeFields):
    me = me_field(User)

    @strawberry.field(description="One notification of one's own inbox; null when there is none such.")
    async def notification(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The notification's id; null comes for an unknown one, and for somebody else's."
            ),
        ],
    ) -> Notification | None:
        return (await Notification.resolve_references(info, [Reference("Notification", {"id": id})]))[0]


@strawberry.type
class Mutation:
    mark_notifications_read = mark_notifications_read
    set_notification_preference = set_notification_preference
    set_notification_language = set_notification_language
    register_device = register_device
    remove_device = remove_device


@strawberry.type
class Subscription:
    notification_received = strawberry.subscription(
        notification_received,
        description="Every new notification of one's own from now on, as it comes. `after` names the last one that the "
        "client has: those that came since are sent first, so that nothing is lost while a connection is away.",
    )


schema = make_schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[User, Notification, *ENTITIES.values(), *SUBJECTS, *OWNED],
)
