"""
Record a fact in the transaction that makes it true.

Nothing is sent here. The row commits or rolls back with the business change, and the
relay takes it to the broker afterwards; so there is no moment in which one exists
without the other.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row as SelectedRow
from sqlalchemy import event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from subgraphs.shared.asking_again import TransactionSession
from subgraphs.shared.correlation import correlation_id, traceparent
from subgraphs.shared.ids import least_id_at
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.tables import (
    OutboxRow,
    create_messaging_tables,
    drop_messaging_tables,
    messaging_tables,
)
from subgraphs.shared.statements import table_of
from subgraphs.shared.turns import Row

__all__ = [
    "DomainDatabase",
    "create_messaging_tables",
    "drop_messaging_tables",
    "list_recorded",
    "messaging_tables",
    "record",
]


class DomainDatabase(Protocol):
    """What messaging needs of a domain's database; `subgraphs.shared.database.Database` is one."""

    @property
    def engine(self) -> AsyncEngine: ...

    def begin(self, *rows: Row) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction that commits when the block ends and rolls back when it raises; *rows* are waited for first."""
        ...


def record(session: AsyncSession, payload: EventPayload, *, occurred_at: datetime | None = None) -> Event:
    """
    Publish *payload* as soon as *session*'s transaction commits, and never if it rolls back.

    Events of one transaction are sent in the order they were recorded. Trace and
    correlation ids come from the request at hand.

    The row's id becomes the event's version. So whoever tells how something *is* holds
    its row locked by now: of two transactions the one that commits later then has the
    larger number, and readers keep what it says.

    Raises EventTooLarge here rather than in the relay, where nobody could act on it.
    """
    fact = Event.of(
        payload, occurred_at=occurred_at, traceparent=traceparent.get(), correlation_id=correlation_id.get()
    )
    fact.encode()
    session.add(
        OutboxRow(
            event_id=fact.id,
            type=fact.type,
            source=fact.source,
            subject=fact.subject,
            occurred_at=fact.time,
            data=fact.data,
            traceparent=fact.traceparent,
            correlation_id=fact.correlation_id,
        )
    )
    return fact


@event.listens_for(TransactionSession, "before_flush")
def _write_all(session: TransactionSession, _context: Any, _objects: Any) -> None:
    """
    Write several facts in one statement, which asks for none of their numbers: nobody here needs them.

    In the order of recording, which is that of the numbers.
    """
    recorded = [it for it in session.new if isinstance(it, OutboxRow)]
    if len(recorded) > 1:
        for row in recorded:
            session.expunge(row)
        session.execute(_WRITE, [{name: getattr(row, name) for name in _RECORDED} for row in recorded])


_WRITE = insert(table_of(OutboxRow))
_RECORDED = ("event_id", "type", "source", "subject", "occurred_at", "data", "traceparent", "correlation_id")


async def list_recorded(
    session: AsyncSession, types: Collection[str], *, since: datetime, limit: int
) -> Sequence[UUID]:
    """Ids of the committed events of *types* that were recorded since then, whether they are sent or not."""
    # By the index on ids, which begin with their time: nothing else of a long outbox is read.
    recent = select(OutboxRow.event_id).where(OutboxRow.event_id >= least_id_at(since), OutboxRow.type.in_(types))
    return (await session.scalars(recent.order_by(OutboxRow.event_id).limit(limit))).all()


def event_of(row: OutboxRow | SelectedRow[Any]) -> Event:
    """The event that *row* holds."""
    return Event(
        id=row.event_id,
        type=row.type,
        source=row.source,
        subject=row.subject,
        time=row.occurred_at,
        data=row.data,
        version=row.id,
        traceparent=row.traceparent,
        correlation_id=row.correlation_id,
    )
