"""What providers' messages do: once each, in whatever order they come."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import provider_orders
from subgraphs.contracts.domain import registration, signing
from subgraphs.contracts.models import OrderStatus, Party
from subgraphs.contracts.schemas.webhooks import ProviderMessage, RegistryMessage, SignatureMessage


class UnknownOrder(LookupError):
    """A message about an order that we never made."""


async def take_message(session: AsyncSession, party: Party, message: ProviderMessage, *, now: datetime) -> bool:
    """
    Let a proven message of *party* take effect; whether it did.

    A message heard before, one about an order already answered, and a mere "received" change nothing: providers send
    again when in doubt, and their messages overtake each other.

    Raises UnknownOrder, and WrongDocument from the signature.
    """
    order = await provider_orders.lock_order(session, message.reference)
    if order is None or order.party != party:
        raise UnknownOrder(f"{party} knows no order {message.reference}")
    if not await provider_orders.note_receipt(session, party=party, event_id=message.event_id, received_at=now):
        return False
    if order.status != OrderStatus.REQUESTED:
        return False
    if isinstance(message, SignatureMessage) and message.status != "received":
        await signing.record_answer(session, order, message, now=now)
        return True
    if isinstance(message, RegistryMessage) and message.status != "received":
        await registration.record_answer(session, order, message, now=now)
        return True
    return False
