"""
What a farmer may do with an offering past its deadline: take the part, extend it, or cancel it.

Each decision is recorded with its key: the same request again has its first answer and changes nothing.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import investments
from subgraphs.marketplace.crud import offerings as rows
from subgraphs.marketplace.domain import offerings, refusals
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.marketplace.models import Decision, InvestmentStatus, OfferingStatus
from subgraphs.marketplace.schemas import events
from subgraphs.marketplace.schemas.commands import Decide
from subgraphs.shared import idempotency
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox


async def take_partial_funding(
    session: AsyncSession, command: Decide, *, actor: Identity, now: datetime
) -> models.Offering:
    """
    Close the offering with the part that is funded.

    Refuses with OfferingNotFound (also when not the actor's), OfferingNotExpired, NothingFunded, IdempotencyKeyReused,
    and with InvestmentsStillPending: the farmer agrees to a sum, so the sum must not move any more.
    """
    offering, is_new = await _begin(session, Decision.TAKE_PARTIAL, actor.user_id, command, now=now)
    if not is_new:
        return offering
    pending = await investments.count_investments(session, offering.id, InvestmentStatus.PENDING)
    if pending:
        raise refusals.InvestmentsStillPending(pending=pending)
    if offering.funded_quotas == 0:
        raise refusals.NothingFunded
    await offerings.close_funded(session, offering, OfferingStatus.CLOSED_PARTIAL, now=now)
    return offering


async def extend_offering(session: AsyncSession, command: Decide, *, actor: Identity, now: datetime) -> models.Offering:
    """
    Open the offering again for another while, counted from now.

    Refuses with OfferingNotFound (also when not the actor's), OfferingNotExpired, ExtensionLimitReached,
    IdempotencyKeyReused.
    """
    offering, is_new = await _begin(session, Decision.EXTEND, actor.user_id, command, now=now)
    if not is_new:
        return offering
    rules = await get_rules(session, now=now)
    if offering.extension_count >= rules.extension_count_max:
        raise refusals.ExtensionLimitReached(limit=rules.extension_count_max)
    offering.extension_count += 1
    offering.status = OfferingStatus.OPEN
    offering.closes_at = now + rules.extension_period
    offering.decide_by = None
    extended = events.OfferingExtended(
        offering_id=offering.id, cpr_id=offering.cpr_id, farmer_id=offering.farmer_id, closes_at=offering.closes_at
    )
    outbox.record(session, extended, occurred_at=now)
    return offering


async def cancel_offering(session: AsyncSession, command: Decide, *, actor: Identity, now: datetime) -> models.Offering:
    """
    Give up the offering; every hold is given back.

    Refuses with OfferingNotFound (also when not the actor's), OfferingNotExpired, IdempotencyKeyReused.
    """
    offering, is_new = await _begin(session, Decision.CANCEL, actor.user_id, command, now=now)
    if is_new:
        await offerings.cancel_locked(session, offering, now=now)
    return offering


async def _begin(
    session: AsyncSession, kind: Decision, farmer_id: UUID, command: Decide, *, now: datetime
) -> tuple[models.Offering, bool]:
    """The farmer's offering, locked, and whether the decision is a new one; a new one is recorded."""
    request = idempotency.Request(kind.value, farmer_id, command.idempotency_key, {"offering": command.offering_id})
    is_new = await idempotency.claim(session, request, result_id=command.offering_id, now=now) is None
    offering = await rows.lock_offering(session, command.offering_id)
    if offering is None or offering.farmer_id != farmer_id:
        raise refusals.OfferingNotFound
    if not is_new:
        return offering, False
    # The job that notices deadlines may not have come by yet.
    await offerings.expire_locked(session, offering, now=now)
    if offering.status != OfferingStatus.EXPIRED_WAITING:
        raise refusals.OfferingNotExpired(offering_status=offering.status)
    session.add(
        models.OfferingDecision(
            id=new_id(),
            offering_id=offering.id,
            kind=kind,
            decided_by=farmer_id,
            decided_at=now,
            idempotency_key=command.idempotency_key,
        )
    )
    return offering, True
