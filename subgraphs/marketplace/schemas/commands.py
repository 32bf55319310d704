"""What a person asks the marketplace to do, checked as far as it can be without looking at the world."""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from subgraphs.shared.idempotency import check_key
from subgraphs.shared.refusal import InvalidInput

QUOTA_COUNT_MAX = 1_000_000
"""Far above any offering; keeps products of counts and prices inside 64 bits."""
PHRASE_LENGTH_MAX = 100


def _check_quota_count(quota_count: int) -> None:
    if not 1 <= quota_count <= QUOTA_COUNT_MAX:
        raise InvalidInput(
            field="quotaCount",
            reason=f"Choose between 1 and {QUOTA_COUNT_MAX} quotas.",
            reason_pt=f"Escolha entre 1 e {QUOTA_COUNT_MAX} cotas.",
        )


def _check_phrase(confirmation_phrase: str | None) -> None:
    if confirmation_phrase is not None and len(confirmation_phrase) > PHRASE_LENGTH_MAX:
        raise InvalidInput(
            field="confirmationPhrase",
            reason="The confirmation phrase is too long.",
            reason_pt="A frase de confirmação é longa demais.",
        )


def _digest(body: list[str | int | None]) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True)
class Invest:
    """Buy *quota_count* quotas of an offering."""

    offering_id: UUID
    quota_count: int
    idempotency_key: str
    confirmation_phrase: str | None

    @classmethod
    def checked(
        cls, *, offering_id: UUID, quota_count: int, idempotency_key: str, confirmation_phrase: str | None
    ) -> "Invest":
        """Refuses with InvalidInput."""
        _check_quota_count(quota_count)
        _check_phrase(confirmation_phrase)
        return cls(offering_id, quota_count, check_key(idempotency_key), confirmation_phrase)

    def digest(self) -> str:
        """Stands for the content, so that the same key with another content is noticed."""
        return _digest([str(self.offering_id), self.quota_count, self.confirmation_phrase])


QUOTA_PRICE_MINOR_MAX = 100_000_000
"""A million reais for one quota: far above any, and a price of all of them stays inside 64 bits."""


@dataclass(frozen=True)
class OfferQuotas:
    """Offer *quota_count* quotas of a position at *price_minor* each."""

    position_id: UUID
    quota_count: int
    price_minor: int
    idempotency_key: str

    @classmethod
    def checked(cls, *, position_id: UUID, quota_count: int, price_minor: int, idempotency_key: str) -> "OfferQuotas":
        """Refuses with InvalidInput."""
        _check_quota_count(quota_count)
        if not 1 <= price_minor <= QUOTA_PRICE_MINOR_MAX:
            raise InvalidInput(
                field="pricePerQuota",
                reason="A quota's price is between R$ 0.01 and R$ 1,000,000.00.",
                reason_pt="O preço de uma cota fica entre R$ 0,01 e R$ 1.000.000,00.",
            )
        return cls(position_id, quota_count, price_minor, check_key(idempotency_key))

    def digest(self) -> str:
        """Stands for the content, so that the same key with another content is noticed."""
        return _digest([str(self.position_id), self.quota_count, self.price_minor])


@dataclass(frozen=True)
class WithdrawQuotaOffer:
    """Take back what is left of an offer."""

    offer_id: UUID


@dataclass(frozen=True)
class BuyQuotas:
    """Buy *quota_count* quotas of an offer, which may be a part of it."""

    offer_id: UUID
    quota_count: int
    remaining_installments: int
    """How many were still to be paid when the buyer looked."""
    idempotency_key: str
    confirmation_phrase: str | None

    @classmethod
    def checked(
        cls,
        *,
        offer_id: UUID,
        quota_count: int,
        remaining_installments: int,
        idempotency_key: str,
        confirmation_phrase: str | None,
    ) -> "BuyQuotas":
        """Refuses with InvalidInput."""
        _check_quota_count(quota_count)
        _check_phrase(confirmation_phrase)
        return cls(offer_id, quota_count, remaining_installments, check_key(idempotency_key), confirmation_phrase)

    def digest(self) -> str:
        """Stands for the content, so that the same key with another content is noticed."""
        return _digest([str(self.offer_id), self.quota_count, self.remaining_installments, self.confirmation_phrase])


@dataclass(frozen=True)
class Decide:
    """Settle what becomes of an offering past its deadline."""

    offering_id: UUID
    idempotency_key: str

    @classmethod
    def checked(cls, *, offering_id: UUID, idempotency_key: str) -> "Decide":
        """Refuses with InvalidInput."""
        return cls(offering_id, check_key(idempotency_key))
