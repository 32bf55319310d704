"""Requests that come again with the key of an earlier one."""

from typing import TypeVar

from subgraphs.marketplace.models import Investment, QuotaOffer, QuotaPurchase
from subgraphs.marketplace.schemas.commands import BuyQuotas, Invest, OfferQuotas
from subgraphs.shared.refusal import IdempotencyKeyReused

Earlier = TypeVar("Earlier", Investment, QuotaOffer, QuotaPurchase)


def first_answer(earlier: Earlier, command: Invest | OfferQuotas | BuyQuotas) -> Earlier:
    """*earlier*, which *command* made. Refuses with IdempotencyKeyReused where the key stood for another content."""
    if earlier.request_digest != command.digest():
        raise IdempotencyKeyReused(command.idempotency_key)
    return earlier
