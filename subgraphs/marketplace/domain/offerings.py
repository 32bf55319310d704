"""
An offering from the registered CPR to the funded, or cancelled, end.

    open_offering ── OPEN ──▶ all quotas confirmed ──────────────────────────▶ FUNDED
                       └── deadline ──▶ EXPIRED_WAITING ── take_partial ─────▶ CLOSED_PARTIAL
                             ▲                 ├── extend ──▶ OPEN
                             └─────────────────┴── cancel, or no decision ───▶ CANCELLED
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import investments, investors
from subgraphs.marketplace.crud import offerings as rows
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.marketplace.models import InvestmentStatus, OfferingStatus, PositionEnd
from subgraphs.marketplace.schemas import events, heard
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.person_kind import PersonKind

MILESTONES = (50, 75, 100)

OFFERING_CANCELLED = "OFFERING_CANCELLED"
"""The reason of an investment whose offering ended before the wallet answered."""

FUNDED = (OfferingStatus.FUNDED, OfferingStatus.CLOSED_PARTIAL)
UNDECIDED = (OfferingStatus.OPEN, OfferingStatus.EXPIRED_WAITING)


async def open_offering(session: AsyncSession, cpr: heard.CPRRegistered, *, now: datetime) -> models.Offering | None:
    """
    Offer a registered CPR in quotas; the first offering of a CPR is its only one.

    What is left of the principal below one quota is not offered: the CPR is then funded, and disbursed, for what
    its quotas add up to. A CPR known to be cancelled is not offered.
    """
    if await rows.is_cancelled_cpr(session, cpr.cpr_id) or await rows.find_offering_of_cpr(session, cpr.cpr_id):
        return None
    rules = await get_rules(session, now=now)
    quota_count = cpr.principal_minor // rules.quota_price_minor
    if quota_count == 0:
        raise ValueError(f"CPR {cpr.cpr_id} asks for less than one quota")
    offering = models.Offering(
        id=new_id(),
        cpr_id=cpr.cpr_id,
        farmer_id=cpr.farmer_id,
        crop=cpr.crop,
        hectares=cpr.hectares,
        region=cpr.region,
        municipality=cpr.municipality,
        families_benefited=cpr.families_benefited,
        grade=cpr.grade,
        principal_minor=cpr.principal_minor,
        annual_rate=cpr.annual_rate,
        monthly_rate=cpr.monthly_rate,
        term_months=cpr.term_months,
        amortisation=cpr.amortisation,
        quota_price_minor=rules.quota_price_minor,
        quota_count=quota_count,
        reserved_quotas=0,
        funded_quotas=0,
        extension_count=0,
        status=OfferingStatus.OPEN,
        opened_at=now,
        closes_at=now + rules.offering_period,
    )
    session.add(offering)
    opened = events.OfferingOpened(
        offering_id=offering.id,
        cpr_id=offering.cpr_id,
        farmer_id=offering.farmer_id,
        quota_count=quota_count,
        quota_price_minor=offering.quota_price_minor,
        closes_at=offering.closes_at,
    )
    outbox.record(session, opened, occurred_at=now)
    return offering


async def note_funding(session: AsyncSession, offering: models.Offering, *, now: datetime) -> None:
    """Say which milestones the locked *offering* has reached, each once, and that it is funded when it is."""
    for percent in MILESTONES:
        is_reached = offering.funded_quotas * 100 >= percent * offering.quota_count
        if is_reached and await rows.add_milestone(session, offering.id, percent, now):
            reached = events.OfferingMilestoneReached(
                offering_id=offering.id, cpr_id=offering.cpr_id, farmer_id=offering.farmer_id, percent=percent
            )
            outbox.record(session, reached, occurred_at=now)
    if offering.funded_quotas == offering.quota_count and offering.status in UNDECIDED:
        await close_funded(session, offering, OfferingStatus.FUNDED, now=now)


async def close_funded(
    session: AsyncSession, offering: models.Offering, status: OfferingStatus, *, now: datetime
) -> None:
    """Funding is complete: the wallet may take the holds and pay the farmer."""
    offering.status = status
    offering.funded_at = now
    offering.decide_by = None
    funded = events.OfferingFunded(
        offering_id=offering.id,
        cpr_id=offering.cpr_id,
        farmer_id=offering.farmer_id,
        farmer_person=await investors.find_person(session, offering.farmer_id) or PersonKind.NATURAL,
        grade=offering.grade,
        principal_minor=offering.funded_minor,
        quota_count=offering.funded_quotas,
        investment_count=await investments.count_investments(session, offering.id, InvestmentStatus.CONFIRMED),
        funded_at=now,
    )
    outbox.record(session, funded, occurred_at=now)


async def expire(session: AsyncSession, offering_id: UUID, *, now: datetime) -> bool:
    """Close an open offering whose deadline has passed, so that its farmer decides; whether that was so."""
    offering = await rows.lock_offering(session, offering_id)
    if offering is None:
        return False
    return await expire_locked(session, offering, now=now)


async def expire_locked(session: AsyncSession, offering: models.Offering, *, now: datetime) -> bool:
    if offering.status != OfferingStatus.OPEN or now < offering.closes_at:
        return False
    rules = await get_rules(session, now=now)
    offering.status = OfferingStatus.EXPIRED_WAITING
    # Counted from the deadline, not from this run, so that a late job changes nothing.
    offering.decide_by = offering.closes_at + rules.decision_period
    expired = events.OfferingExpired(
        offering_id=offering.id,
        cpr_id=offering.cpr_id,
        farmer_id=offering.farmer_id,
        funded_quotas=offering.funded_quotas,
        quota_count=offering.quota_count,
        decide_by=offering.decide_by,
    )
    outbox.record(session, expired, occurred_at=now)
    return True


async def lapse(session: AsyncSession, offering_id: UUID, *, now: datetime) -> bool:
    """Cancel an offering whose farmer has not decided in time: held money may not wait for ever."""
    offering = await rows.lock_offering(session, offering_id)
    if offering is None or offering.status != OfferingStatus.EXPIRED_WAITING:
        return False
    if offering.decide_by is None or now < offering.decide_by:
        return False
    await cancel_locked(session, offering, now=now)
    return True


async def cancel_locked(session: AsyncSession, offering: models.Offering, *, now: datetime) -> None:
    """
    End the locked *offering* without credit: every confirmed investment's hold is given back.

    Investments that still wait for their hold are refused; when the hold comes, it is given back as well.
    """
    waiting = (InvestmentStatus.PENDING, InvestmentStatus.CONFIRMED)
    for investment in await investments.lock_investments(session, offering.id, *waiting):
        if investment.status == InvestmentStatus.PENDING:
            refuse_pending(session, offering, investment, reason=OFFERING_CANCELLED, now=now)
            continue
        end_confirmed(session, offering, investment, now=now)
    offering.status = OfferingStatus.CANCELLED
    offering.cancelled_at = now
    offering.decide_by = None
    await investments.close_positions(session, offering.cpr_id, PositionEnd.CANCELLED, now)
    cancelled = events.OfferingCancelled(offering_id=offering.id, cpr_id=offering.cpr_id, farmer_id=offering.farmer_id)
    outbox.record(session, cancelled, occurred_at=now)


def refuse_pending(
    session: AsyncSession, offering: models.Offering, investment: models.Investment, *, reason: str, now: datetime
) -> None:
    """End a locked pending *investment* of the locked *offering*; its quotas are free again."""
    investment.status = InvestmentStatus.REFUSED
    investment.refusal_reason = reason
    investment.ended_at = now
    offering.reserved_quotas -= investment.quota_count
    refused = events.InvestmentRefused(
        investment_id=investment.id, offering_id=offering.id, investor_id=investment.investor_id, reason=reason
    )
    outbox.record(session, refused, occurred_at=now)


def end_confirmed(
    session: AsyncSession, offering: models.Offering, investment: models.Investment, *, now: datetime
) -> None:
    """End a locked confirmed *investment* of the locked *offering*, whose money is not to be lent after all."""
    investment.status = InvestmentStatus.CANCELLED
    investment.ended_at = now
    offering.reserved_quotas -= investment.quota_count
    offering.funded_quotas -= investment.quota_count
    record_cancellation(session, investment, now=now)


def record_cancellation(session: AsyncSession, investment: models.Investment, *, now: datetime) -> None:
    """Tell the wallet that the hold of an ended investment is for nothing."""
    if investment.hold_id is None:
        raise ValueError(f"investment {investment.id} has no hold to give back")
    cancelled = events.InvestmentCancelled(
        investment_id=investment.id,
        offering_id=investment.offering_id,
        cpr_id=investment.cpr_id,
        investor_id=investment.investor_id,
        hold_id=investment.hold_id,
        amount_minor=investment.amount_minor,
    )
    outbox.record(session, cancelled, occurred_at=now)


async def cancel_for_cpr(session: AsyncSession, cpr_id: UUID, *, now: datetime) -> None:
    """
    The CPR is cancelled: so is its offering, or it will never have one.

    Raises ValueError when the money was lent already: no event can undo that, so people have to look at it.
    """
    await rows.keep_cancelled_cpr(session, cpr_id, now)
    offering = await rows.lock_offering_of_cpr(session, cpr_id)
    if offering is None or offering.status == OfferingStatus.CANCELLED:
        return
    if offering.disbursed_at is not None:
        raise ValueError(f"CPR {cpr_id} was disbursed and cannot be cancelled")
    await cancel_locked(session, offering, now=now)


async def activate(session: AsyncSession, disbursed: heard.CPRDisbursed) -> None:
    """The farmer has the money: the investments are active. Raises NotYet before the funding is known here."""
    offering = await rows.lock_offering_of_cpr(session, disbursed.cpr_id)
    if offering is None or offering.status not in FUNDED:
        raise NotYet(f"the offering of CPR {disbursed.cpr_id} is not funded")
    if offering.disbursed_at is not None:
        return
    offering.disbursed_at = disbursed.disbursed_at
    for investment in await investments.lock_investments(session, offering.id, InvestmentStatus.CONFIRMED):
        investment.status = InvestmentStatus.ACTIVE


async def settle(session: AsyncSession, cpr_id: UUID, *, now: datetime) -> None:
    """The CPR is repaid: its investments and positions end. Raises NotYet before the disbursement is known here."""
    offering = await rows.lock_offering_of_cpr(session, cpr_id)
    if offering is None or offering.disbursed_at is None:
        raise NotYet(f"CPR {cpr_id} is not disbursed as far as is known here")
    if offering.settled_at is not None:
        return
    offering.settled_at = now
    for investment in await investments.lock_investments(session, offering.id, InvestmentStatus.ACTIVE):
        investment.status = InvestmentStatus.SETTLED
        investment.ended_at = now
        closed = events.InvestmentClosed(investment_id=investment.id, investor_id=investment.investor_id, cpr_id=cpr_id)
        outbox.record(session, closed, occurred_at=now)
    await investments.close_positions(session, cpr_id, PositionEnd.SETTLED, now)
