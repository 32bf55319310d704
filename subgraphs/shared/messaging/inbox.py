"""What makes an effect happen once although its event may arrive more than once."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Text, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.messaging.tables import InboxRow
from subgraphs.shared.statements import rows_of, table_of


class AlreadyHandled(Exception):
    """This handler's work for this event has committed before."""


async def record_handled(session: AsyncSession, *, event_id: UUID, handler: str) -> None:
    """
    Note, in the transaction of *handler*'s work, that it has handled the event.

    Of two deliveries at the same time the second waits here for the first: it goes
    on if the first rolls back and raises AlreadyHandled if it commits.
    """
    if not await record_all_handled(session, event_ids=[event_id], handler=handler):
        raise AlreadyHandled(f"{handler} has handled event {event_id} before")


_HANDLED = rows_of(InboxRow.event_id)
_RECORD_ALL = (
    insert(table_of(InboxRow))
    .from_select(["event_id", "handler"], select(_HANDLED.c.event_id, bindparam("handler", type_=Text)))
    .on_conflict_do_nothing()
    .returning(table_of(InboxRow).c.event_id)
)


async def record_all_handled(session: AsyncSession, *, event_ids: Collection[UUID], handler: str) -> set[UUID]:
    """
    As `record_handled`, for many events at once; those that *handler* has not handled before.

    In the order of their ids: of two batches with the same events one waits for the other.
    """
    recorded = await session.scalars(_RECORD_ALL, {"event_id": sorted(set(event_ids)), "handler": handler})
    return set(recorded)


async def find_handled(session: AsyncSession, event_ids: Collection[UUID], *, handler: str) -> set[UUID]:
    """Those of *event_ids* that *handler* has handled."""
    statement = select(InboxRow.event_id).where(InboxRow.handler == handler, InboxRow.event_id.in_(event_ids))
    return set(await session.scalars(statement))
