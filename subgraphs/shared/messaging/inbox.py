"""What makes an effect happen once although its event may arrive more than once."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.messaging.tables import InboxRow


class AlreadyHandled(Exception):
    """This handler's work for this event has committed before."""


async def record_handled(session: AsyncSession, *, event_id: UUID, handler: str) -> None:
    """
    Note, in the transaction of *handler*'s work, that it has handled the event.

    Of two deliveries at the same time the second waits here for the first: it goes
    on if the first rolls back and raises AlreadyHandled if it commits.
    """
    statement = insert(InboxRow).values(event_id=event_id, handler=handler).on_conflict_do_nothing()
    recorded = await session.scalar(statement.returning(InboxRow.event_id))
    if recorded is None:
        raise AlreadyHandled(f"{handler} has handled event {event_id} before")


async def find_handled(session: AsyncSession, event_ids: Collection[UUID], *, handler: str) -> set[UUID]:
    """Those of *event_ids* that *handler* has handled."""
    statement = select(InboxRow.event_id).where(InboxRow.handler == handler, InboxRow.event_id.in_(event_ids))
    return set(await session.scalars(statement))
