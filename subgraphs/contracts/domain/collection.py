"""Collecting a debt in default: what staff do is noted, step by step, beside what the farmer may still pay."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import collection as step_rows
from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.domain import refusals
from subgraphs.contracts.models import CollectionStep, CollectionStepKind, CPRStatus
from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.refusal import InvalidInput

NOTE_CHARACTERS_MAX = 500
REFERENCE_CHARACTERS_MAX = 100


@dataclass(frozen=True, kw_only=True)
class RecordCollectionStep:
    cpr_id: UUID
    kind: CollectionStepKind
    taken_on: date
    reference: str | None
    note: str
    idempotency_key: str

    def __post_init__(self) -> None:
        if not 0 < len(self.note.strip()) <= NOTE_CHARACTERS_MAX:
            raise InvalidInput(
                field="note",
                reason=f"say what was done in 1 to {NOTE_CHARACTERS_MAX} characters; the farmer reads it",
                reason_pt=f"Diga o que foi feito em 1 a {NOTE_CHARACTERS_MAX} caracteres; o produtor lê.",
            )
        if self.reference is not None and not 0 < len(self.reference.strip()) <= REFERENCE_CHARACTERS_MAX:
            raise InvalidInput(
                field="reference",
                reason=f"a reference has 1 to {REFERENCE_CHARACTERS_MAX} characters",
                reason_pt=f"A referência tem de 1 a {REFERENCE_CHARACTERS_MAX} caracteres.",
            )


async def record_step(
    session: AsyncSession, command: RecordCollectionStep, *, actor: Identity, now: datetime
) -> CollectionStep:
    """
    Note what was done to collect a CPR that is in default.

    A repeated key answers with the first step. Refuses with CPRNotFound, OwnCPR, CPRNotInDefault, InvalidInput (a day
    before the money was lent, or to come) and IdempotencyKeyReused.
    """
    content = {
        "cpr": command.cpr_id,
        "kind": command.kind,
        "taken_on": command.taken_on,
        "reference": command.reference,
        "note": command.note,
    }
    request = idempotency.Request("record_collection_step", actor.user_id, command.idempotency_key, content)
    step_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=step_id, now=now):
        return await step_rows.get_step(session, earlier_id)
    cpr = await rows.lock_cpr(session, command.cpr_id)
    if cpr is None:
        raise refusals.CPRNotFound(cpr_id=command.cpr_id)
    if cpr.farmer_id in (actor.user_id, actor.oneself().user_id):
        raise refusals.OwnCPR(cpr_id=cpr.id)
    if not cpr.is_any_of(CPRStatus.DEFAULTED) or cpr.disbursed_at is None:
        raise refusals.CPRNotInDefault(cpr_status=cpr.status)
    if not business_date(cpr.disbursed_at) <= command.taken_on <= business_date(now):
        raise InvalidInput(
            field="takenOn",
            reason="a step is of a day since the money was lent, and not of one to come",
            reason_pt="A data vai da liberação do crédito até hoje.",
        )
    step = CollectionStep(
        id=step_id,
        cpr_id=cpr.id,
        farmer_id=cpr.farmer_id,
        kind=command.kind,
        taken_on=command.taken_on,
        reference=command.reference.strip() if command.reference else None,
        note=command.note.strip(),
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(step)
    await session.flush()
    return step
