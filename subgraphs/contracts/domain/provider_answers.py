"""What providers' messages do: once each, in whatever order they come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import provider_orders
from subgraphs.contracts.domain import registration, signing
from subgraphs.contracts.models import AnswerToSeal, OrderStatus, Party
from subgraphs.contracts.schemas.webhooks import ProviderMessage, RegistryMessage, SignatureMessage
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.vault import Vault


class UnknownOrder(LookupError):
    """A message about an order that we never made."""


ANSWERS_SEALED_AT_ONCE = 100


async def take_message(
    session: AsyncSession, vault: Vault, party: Party, message: ProviderMessage, *, now: datetime
) -> bool:
    """
    Let a proven message of *party* take effect; whether it did. An answer is kept as it came, sealed.

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
        order.answer_sealed = seal_answer(vault, order.id, message.model_dump(mode="json"))
        return True
    if isinstance(message, RegistryMessage) and message.status != "received":
        await registration.record_answer(session, order, message, now=now)
        order.answer_sealed = seal_answer(vault, order.id, message.model_dump(mode="json"))
        return True
    return False


def seal_answer(vault: Vault, order_id: UUID, answer: dict[str, Any]) -> bytes:
    """A provider's word, unreadable without the vault: a certificate names its owner, with the CPF."""
    return vault.seal(orjson.dumps(answer), use="provider answer", place=order_id)


async def seal_old_answers(session: AsyncSession, vault: Vault) -> int:
    """Seal answers from before they were sealed; how many there were. Nothing is left to do after the first time."""
    waiting = await provider_orders.lock_to_seal(session, limit=ANSWERS_SEALED_AT_ONCE)

    async def seal(some: Sequence[AnswerToSeal]) -> None:
        for row in some:
            order = await provider_orders.lock_order(session, row.order_id)
            assert order is not None  # noqa: S101  # the foreign key says so
            order.answer_sealed = seal_answer(vault, order.id, row.answer)
            await session.delete(row)

    return await all_or_one_by_one(session, "keep_answers", waiting, seal, name=lambda row: row.order_id)
