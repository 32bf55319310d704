"""
Same key and content: the first answer, a refusal as well. Same key, other content: a mistake, and told so.

The key is claimed in the transaction of the work, so both are true together or not at all; a second request with
the same key waits for the first. A refusal undoes the work and leaves the claim, with what was refused and why
(`Database.begin` sees to it): who tries anew, because the world is another by now, says so by a new key. Only what
decides nothing uses up no key (`Refusal.is_an_answer`), and no more does a fault.

A domain that has such mutations takes the table `idempotency_keys` into its metadata by `idempotency_table`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Table, Text, Update, bindparam, select, text, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.ids import new_id
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import Busy, IdempotencyKeyReused, InvalidInput, Refusal, read_refusal
from subgraphs.shared.statements import rows_of, table_of

KEY_CHARACTERS = range(8, 65)
KEY_DESCRIPTION = (
    "Made by the client, 8 to 64 characters; a UUID does well. The same request again with the same key is not "
    "another: it gets the first answer, a refusal as well. Whoever tries anew after a refusal makes a new key; after "
    "an `InvalidInput` the corrected request may be sent with the same."
)
"""What every input says of its key."""

_CLAIM = "claimed idempotency key"
"""Under this name a session knows the key that its transaction has claimed."""
_CLAIMED = text("SAVEPOINT claimed")
_BACK_TO_CLAIMED = text("ROLLBACK TO SAVEPOINT claimed")


class _Base(DeclarativeBase):
    """Of the one table that several domains have, each its own."""


class IdempotencyKey(_Base):
    """A client-made key, what it was used for, and the id of what came out."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the operation and its content."""
    result_id: Mapped[UUID] = mapped_column(UuidType)
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What the answer was where it is no result."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def idempotency_table(metadata: MetaData) -> Table:
    """Add `idempotency_keys` to a domain's *metadata*."""
    return _Base.metadata.tables[IdempotencyKey.__tablename__].to_metadata(metadata)


@dataclass(frozen=True)
class Request:
    """One request for one operation."""

    operation: str
    user_id: UUID
    """Keys are each person's own."""
    key: str
    content: Mapping[str, object]
    """Everything that the client asked for, in values whose text says what they are."""

    @property
    def fingerprint(self) -> bytes:
        content = {name: str(value) for name, value in self.content.items()}
        return hashlib.sha256(json.dumps([self.operation, content], sort_keys=True).encode()).digest()


def check_key(key: str) -> str:
    """A key that tells requests apart. Refuses with InvalidInput."""
    if len(key) not in KEY_CHARACTERS or not key.isprintable():
        raise InvalidInput(
            field="idempotencyKey",
            reason="an idempotency key has 8 to 64 printable characters; a UUID does well",
            reason_pt="A chave de idempotência precisa ter de 8 a 64 caracteres.",
        )
    return key


async def claim(session: AsyncSession, request: Request, *, result_id: UUID, now: datetime) -> UUID | None:
    """
    Take *request*'s key for *result_id*; the id of the first answer when the same request came before.

    Whatever the transaction refuses from here on, is the key's answer. Refuses with IdempotencyKeyReused when the key
    was used for something else, and as the same request was refused before.
    """
    row = {
        "user_id": request.user_id,
        "key": request.key,
        "fingerprint": request.fingerprint,
        "result_id": result_id,
        "created_at": now,
    }
    # Waits for a request under way with the same key.
    add = upsert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if await session.scalar(add) is None:
        return await find_answer(session, request)
    await session.execute(_CLAIMED)
    session.info[_CLAIM] = (request.user_id, request.key)
    return None


async def find_answer(session: Reader, request: Request) -> UUID | None:
    """The id of the first answer to *request*, if there is one. Refuses as `claim` does."""
    earlier = await session.get(IdempotencyKey, (request.user_id, request.key))
    return None if earlier is None else _answer_to(request, earlier)


def _answer_to(request: Request, earlier: IdempotencyKey) -> UUID:
    if earlier.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused(idempotency_key=request.key)
    if earlier.refusal is not None:
        raise read_refusal(earlier.refusal)
    return earlier.result_id


_ASKED = rows_of(IdempotencyKey.user_id, IdempotencyKey.key)
_EARLIER = select(IdempotencyKey).join(
    _ASKED, (_ASKED.c.user_id == IdempotencyKey.user_id) & (_ASKED.c.key == IdempotencyKey.key)
)
_ANSWERED = rows_of(
    IdempotencyKey.user_id,
    IdempotencyKey.key,
    IdempotencyKey.fingerprint,
    IdempotencyKey.result_id,
    IdempotencyKey.refusal,
)
_KEEP = (
    upsert(table_of(IdempotencyKey))
    .from_select(
        [*(column.name for column in _ANSWERED.c), "created_at"],
        select(*_ANSWERED.c, bindparam("created_at", type_=DateTime(timezone=True))).order_by(
            _ANSWERED.c.user_id, _ANSWERED.c.key
        ),
    )
    .on_conflict_do_nothing()
    .returning(table_of(IdempotencyKey).c.key)
)


async def list_answers(session: AsyncSession, requests: Sequence[Request]) -> list[UUID | Refusal | None]:
    """
    What `find_answer` has for each of *requests*, refusals among it.

    Nobody may ask for the same meanwhile: the transaction has the people's rows.
    """
    given = {"user_id": [it.user_id for it in requests], "key": [it.key for it in requests]}
    earlier = {(it.user_id, it.key): it for it in await session.scalars(_EARLIER, given)}
    answers: list[UUID | Refusal | None] = []
    for request in requests:
        found = earlier.get((request.user_id, request.key))
        try:
            answers.append(None if found is None else _answer_to(request, found))
        except Refusal as refused:
            answers.append(refused)
    return answers


async def keep_answers(
    session: AsyncSession, answered: Sequence[tuple[Request, UUID | Refusal]], *, now: datetime
) -> None:
    """
    Keep the first answers to requests that had none; what decides nothing uses up no key.

    Refuses with Busy, for all of them, when a key was taken meanwhile: by another operation, which did not wait.
    """
    kept = [it for it in answered if not isinstance(it[1], Refusal) or it[1].is_an_answer]
    if not kept:
        return
    given = {
        "user_id": [request.user_id for request, _ in kept],
        "key": [request.key for request, _ in kept],
        "fingerprint": [request.fingerprint for request, _ in kept],
        "result_id": [new_id() if isinstance(answer, Refusal) else answer for _, answer in kept],
        "refusal": [answer.written() if isinstance(answer, Refusal) else None for _, answer in kept],
    }
    if len((await session.scalars(_KEEP, {"created_at": now, **given})).all()) < len(kept):
        raise Busy


async def answer_with(session: AsyncSession, request: Request, *, result_id: UUID) -> None:
    """Let a key just claimed stand for something that was there already."""
    await session.execute(_of(request.user_id, request.key).values(result_id=result_id))


async def keep_refusal(session: AsyncSession, refused: Refusal) -> bool:
    """Undo what a transaction did under a key, but for the claim, whose answer is *refused*. False without a claim."""
    claimed = session.info.pop(_CLAIM, None)
    if claimed is None or not refused.is_an_answer:
        return False
    session.expunge_all()
    await session.execute(_BACK_TO_CLAIMED)
    await session.execute(_of(*claimed).values(refusal=refused.written()))
    return True


def _of(user_id: UUID, key: str) -> Update:
    return update(IdempotencyKey).where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
