"""
Messages to people: queued in the transaction that wants them, delivered after it.

The content lies sealed in our database and is deleted once delivered; the event that asks for delivery says only
which message. So no link or code passes through the broker, nor stays in a backup.
"""

from uuid import UUID

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import letters
from subgraphs.accounts.ports.messenger import Message, Undeliverable
from subgraphs.accounts.schemas import events
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import Delivery

log = structlog.get_logger()

_USE = "message"


def queue_letter(session: AsyncSession, services: Services, letter: letters.Letter, *, to: str, **data: str) -> None:
    """Have *letter* delivered once the transaction has committed."""
    written = letters.write(letter, to=to, **data)
    message_id = new_id()
    content = {
        "to": written.to,
        "subject": written.subject,
        "text": written.text,
        "text_english": written.text_english,
        "data": dict(written.data),
    }
    session.add(
        models.OutgoingMessage(
            id=message_id,
            kind=letter,
            channel=written.channel,
            content_sealed=services.vault.seal(orjson.dumps(content), use=_USE, place=message_id),
            queued_at=services.clock.now(),
        )
    )
    outbox.record(session, events.MessageQueued(message_id=message_id), occurred_at=services.clock.now())


async def deliver_message(services: Services, delivery: Delivery[events.MessageQueued]) -> None:
    """
    Hand a queued message to the messenger and forget its content.

    The messenger is asked before the transaction, so a crash in between delivers twice: better than never. The
    message id goes along, for providers that can drop a repetition. A recipient that does not exist is not tried
    again; every other failure is.
    """
    message_id: UUID = delivery.payload.message_id
    async with services.database.read() as session:
        queued = await crud.messages.find_message(session, message_id)
    if queued is None or queued.content_sealed is None:
        return
    content = orjson.loads(services.vault.open(queued.content_sealed, use=_USE, place=message_id))
    message = Message(id=message_id, kind=queued.kind, channel=models.Channel(queued.channel), **content)
    failure = None
    try:
        await services.messenger.deliver(message)
    except Undeliverable as error:
        failure = str(error)
        log.warning("a message cannot be delivered", message_id=str(message_id), kind=queued.kind)
    async with delivery.begin() as session:
        await crud.messages.finish_message(session, message_id, now=services.clock.now(), failure=failure)
