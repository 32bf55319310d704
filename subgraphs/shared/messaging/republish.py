"""
Say again what a queue that was lost should have heard.

The outbox keeps what was sent for some weeks. Each event goes to that queue alone, as it was: the inbox knows what its
handler has done already, and copies of others' things refuse what is older than they are.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from subgraphs.shared.messaging.outbox import DomainDatabase, event_of
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.messaging.transport import Transport

BATCH = 200


async def republish(
    database: DomainDatabase, transport: Transport, *, queue: str, types: Collection[str], since: datetime
) -> int:
    """
    Send *queue* the events of *types* that *database*'s domain has sent since then, in their order; how many.

    Raises TransportUnavailable. Begun again from the start then, it sends some twice, which is harmless.
    """
    count, last_id = 0, 0
    while True:
        async with database.begin() as session:
            statement = (
                select(OutboxRow)
                .where(OutboxRow.type.in_(types), OutboxRow.sent_at >= since, OutboxRow.id > last_id)
                .order_by(OutboxRow.id)
                .limit(BATCH)
            )
            rows = (await session.scalars(statement)).all()
        if not rows:
            return count
        await transport.send_to(queue, [event_of(row) for row in rows])
        count, last_id = count + len(rows), rows[-1].id
