"""
Same key and content: the first answer. Same key, other content: a mistake, and told so.

The key is claimed in the transaction of the work, so both are true together or not at all; a second request with
the same key waits for the first. A refusal moves nothing and is not remembered: the same request may succeed later.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.refusal import IdempotencyKeyReused, InvalidInput
from subgraphs.wallet import crud


@dataclass(frozen=True)
class Request:
    """One request for one operation."""

    operation: str
    user_id: UUID
    """Keys are each person's own."""
    key: str
    content: Mapping[str, UUID | int | str]

    @property
    def fingerprint(self) -> bytes:
        content = {name: str(value) for name, value in self.content.items()}
        return hashlib.sha256(json.dumps([self.operation, content], sort_keys=True).encode()).digest()


async def claim(session: AsyncSession, request: Request, *, result_id: UUID, now: datetime) -> UUID | None:
    """
    Take *request*'s key for *result_id*; the id of the first answer when the same request came before.

    Refuses with IdempotencyKeyReused when the key was used for something else.
    """
    row = {
        "user_id": request.user_id,
        "key": request.key,
        "fingerprint": request.fingerprint,
        "result_id": result_id,
        "created_at": now,
    }
    if await crud.idempotency.add_key(session, row):
        return None
    earlier = await crud.idempotency.get_key(session, request.user_id, request.key)
    if earlier.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused(idempotency_key=request.key)
    return earlier.result_id


async def answer_with(session: AsyncSession, request: Request, *, result_id: UUID) -> None:
    """Let a key just claimed stand for something that was there already."""
    await crud.idempotency.set_result(session, request.user_id, request.key, result_id)


KEY_CHARACTERS = range(8, 65)


def check_key(key: str) -> str:
    """A key that tells requests apart. Refuses with InvalidInput."""
    if len(key) not in KEY_CHARACTERS or not key.isprintable():
        raise InvalidInput(
            field="idempotencyKey",
            reason="an idempotency key has 8 to 64 printable characters; a UUID does well",
            reason_pt="A chave de idempotência precisa ter de 8 a 64 caracteres.",
        )
    return key
