"""`notificationReceived`: one's own inbox, live."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from graphql import GraphQLError

from subgraphs.notifications.api.context import Info
from subgraphs.notifications.api.types.notification import Notification
from subgraphs.notifications.crud import notifications
from subgraphs.shared.graphql.scalars import require_id

MISSED_MAX = 500
"""More than a person reads one by one; the inbox shows them better."""


class UnknownNotification(GraphQLError):
    """There is no such notification in the person's own inbox."""

    def __init__(self) -> None:
        super().__init__("There is no such notification in your inbox.", extensions={"code": "NOTIFICATION_NOT_FOUND"})


class MissedTooMany(GraphQLError):
    """Too many to be sent one by one."""

    def __init__(self) -> None:
        super().__init__(
            f"More than {MISSED_MAX} notifications have come since; read the inbox, then subscribe without 'after'.",
            extensions={"code": "MISSED_TOO_MANY"},
        )


async def notification_received(
    info: Info,
    after: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The id of the last notification that the client has; only what comes from now on when left "
            "out. More than 500 missed are an error: read the inbox then."
        ),
    ] = None,
) -> AsyncGenerator[Notification, None]:
    reader = info.context.require().user_id
    # Who was asking already, and goes on, has had more than they had when they began.
    last = info.context.last_event_id or after
    place = await _place_of(info, last) if last is not None else None
    async with aclosing(info.context.services.live_inboxes.follow(reader, after=place)) as received:
        async for model in received:
            info.context.event_id = str(model.id)
            yield Notification.from_model(model)


async def _place_of(info: Info, after: str) -> int:
    reader = info.context.identity.user_id
    async with info.context.read() as session:
        found = await notifications.list_by_id(session, [require_id(after)], user_id=reader)
        if not found:
            raise UnknownNotification
        place = found[0].place
        if await notifications.last_place(session, reader) - place > MISSED_MAX:
            raise MissedTooMany
    return place
