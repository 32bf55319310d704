"""
Knowing that everything has been delivered: for tests, demonstrations and draining before a shutdown.

Quiet means: no unsent outbox row anywhere, no message waiting, put off or being
handled. Looking at these one after another can miss an event that moves on in
between, so the outboxes are read before *and* after the broker. If both times nothing
was unsent and nothing new had been recorded, then at the moment between everything
was delivered (a double collect).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.availability import is_connection_failure
from subgraphs.shared.messaging.outbox import DomainDatabase
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.messaging.transport import Pending, Transport, TransportUnavailable

_LOOK_FIRST_SECONDS = 0.01
_LOOK_LONGEST_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Work:
    """What is still under way."""

    unsent: int
    """Outbox rows that the broker has not confirmed."""
    recorded: int
    """A number that grows with every event recorded."""
    messages: Pending

    @property
    def is_quiet(self) -> bool:
        return self.unsent == 0 and self.messages.total == 0


async def look(databases: Iterable[DomainDatabase], transport: Transport) -> Work:
    """What is under way now, as far as one look can tell."""
    unsent = recorded = 0
    for database in databases:
        async with database.begin() as session:
            row = await session.execute(
                select(func.count().filter(OutboxRow.sent_at.is_(None)), func.coalesce(func.max(OutboxRow.id), 0))
            )
            waiting, last = row.one()
        unsent += waiting
        recorded += last
    return Work(unsent, recorded, await transport.pending())


async def quiesced(databases: Iterable[DomainDatabase], transport: Transport, *, deadline_s: float = 30.0) -> bool:
    """
    Wait until everything has been delivered; False if the deadline comes first.

    *databases* are all that record events, and nobody else may be recording. Dead
    letters do not count: they wait for a person. With RabbitMQ, what another process
    is handling cannot be seen.
    """
    domains = list(databases)
    before: Work | None = None
    wait_s = _LOOK_FIRST_SECONDS
    try:
        async with asyncio.timeout(deadline_s):
            while True:
                after = await _look_if_possible(domains, transport)
                if before is not None and after is not None and _nothing_moved(before, after):
                    return True
                before = after
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LOOK_LONGEST_SECONDS)
    except TimeoutError:
        return False


async def _look_if_possible(databases: Iterable[DomainDatabase], transport: Transport) -> Work | None:
    """None while something cannot be asked: what is away is not quiet."""
    try:
        return await look(databases, transport)
    except TransportUnavailable:
        return None
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        if is_connection_failure(error):
            return None
        raise


def _nothing_moved(before: Work, after: Work) -> bool:
    return (
        before.is_quiet
        and after.is_quiet
        and before.recorded == after.recorded
        and before.messages.received == after.messages.received
    )
