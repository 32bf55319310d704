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
        if not 1 <= quota_count <= QUOTA_COUNT_MAX:
            raise InvalidInput(
                field="quotaCount",
                reason=f"Buy between 1 and {QUOTA_COUNT_MAX} quotas.",
                reason_pt=f"Escolha entre 1 e {QUOTA_COUNT_MAX} cotas.",
            )
        if confirmation_phrase is not None and len(confirmation_phrase) > PHRASE_LENGTH_MAX:
            raise InvalidInput(
                field="confirmationPhrase",
                reason="The confirmation phrase is too long.",
                reason_pt="A frase de confirmação é longa demais.",
            )
        return cls(offering_id, quota_count, check_key(idempotency_key), confirmation_phrase)

    def digest(self) -> str:
        """Stands for the content, so that the same key with another content is noticed."""
        body = [str(self.offering_id), self.quota_count, self.confirmation_phrase]
        return hashlib.sha256(json.dumps(body, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True)
class Decide:
    """Settle what becomes of an offering past its deadline."""

    offering_id: UUID
    idempotency_key: str

    @classmethod
    def checked(cls, *, offering_id: UUID, idempotency_key: str) -> "Decide":
        """Refuses with InvalidInput."""
        return cls(offering_id, check_key(idempotency_key))
