"""`markNotificationsRead`: some of the inbox, or all of it."""

import strawberry

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.types.user import User
from subgraphs.notifications.domain import notifications
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.refusal import InvalidInput

IDS_MAX = 500


@strawberry.input(description="Which notifications were read.")
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Those to mark, up to 500. Others' are passed over. Without it, the whole inbox."
    )


@strawberry.type(description="The inbox after marking.")
class NotificationsMarkedRead:
    user: User | None = strawberry.field(description="The person, whose inbox can be read from here.")


@mutation(
    description="Mark notifications of one's own inbox as read.",
)
async def mark_notifications_read(info: Info, input: MarkNotificationsReadInput) -> NotificationsMarkedRead:
    reader = info.context.require().user_id
    if input.ids is not None and len(input.ids) > IDS_MAX:
        raise InvalidInput(
            field="ids",
            reason=f"At most {IDS_MAX} notifications can be marked at once.",
            reason_pt=f"No máximo {IDS_MAX} notificações por vez.",
        )
    async with info.context.begin() as session:
        now = info.context.clock.now()
        if input.ids is None:
            await notifications.mark_all_read(session, reader=reader, now=now)
        else:
            ids = {require_id(value) for value in input.ids}
            await notifications.mark_read(session, reader=reader, ids=ids, now=now)
    return NotificationsMarkedRead(user=User(id=strawberry.ID(str(reader))))
