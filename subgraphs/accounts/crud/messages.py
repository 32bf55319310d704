"""SQL on outgoing messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import OutgoingMessage
from subgraphs.shared.reading import Reader


async def find_message(session: Reader, message_id: UUID) -> OutgoingMessage | None:
    return await session.get(OutgoingMessage, message_id)


async def finish_message(session: AsyncSession, message_id: UUID, *, now: datetime, failure: str | None) -> None:
    """Sent, or given up for *failure*; either way its content goes."""
    await session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.id == message_id)
        .values(content_sealed=None, failure=failure, sent_at=now if failure is None else None)
    )


async def delete_messages_before(session: AsyncSession, instant: datetime) -> None:
    await session.execute(delete(OutgoingMessage).where(OutgoingMessage.queued_at < instant))
