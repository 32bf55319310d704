"""
A CPR is renegotiated: its quotas are not traded, and who holds them is told, so that they can vote.

    proposed ──▶ stop_trading (offers end) ──▶ every purchase is answered ──▶ tell_roll
    ended or in force ──▶ resume_trading

Offers end rather than wait: their price was made for what was owed before, and a buyer who comes back after days must
not buy another thing than they saw.
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.crud import offerings, secondary
from subgraphs.marketplace.domain.secondary import end_offer, lock_lent
from subgraphs.marketplace.models import QuotaOfferStatus
from subgraphs.marketplace.schemas import events, heard
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet


async def stop_trading(
    session: AsyncSession, proposed: heard.RenegotiationProposed, *, version: int, at: datetime
) -> None:
    """
    End the offers of a CPR's quotas and take no new ones. Heard of after its end, it changes nothing.

    Raises NotYet before the disbursement is known here.
    """
    offering = await lock_lent(session, proposed.cpr_id)
    if version < offering.renegotiation_version:
        return
    offering.renegotiation_id, offering.renegotiation_version = proposed.renegotiation_id, version
    for offer in await secondary.lock_open_offers(session, proposed.cpr_id):
        end_offer(session, offer, QuotaOfferStatus.CPR_RENEGOTIATING, at=at)
    stopped = events.TradingStopped(renegotiation_id=proposed.renegotiation_id, cpr_id=proposed.cpr_id)
    outbox.record(session, stopped, occurred_at=at)


async def tell_roll(session: AsyncSession, stopped: events.TradingStopped, *, now: datetime) -> None:
    """
    Tell who holds how many quotas of a CPR whose trade has stopped, and so for whom it is to decide.

    Raises NotYet while the wallet has a purchase to answer: first it is known who holds.
    """
    offering = await offerings.lock_offering_of_cpr(session, stopped.cpr_id)
    if offering is None or offering.renegotiation_id != stopped.renegotiation_id:
        return
    if pending := await secondary.count_pending(session, stopped.cpr_id):
        raise NotYet(f"{pending} purchases of quotas of CPR {stopped.cpr_id} wait for the wallet")
    held: Counter[UUID] = Counter()
    for position in await secondary.list_open_positions(session, stopped.cpr_id):
        held[position.investor_id] += position.held_quotas
    if (known := held.total()) != offering.funded_quotas:
        raise NotYet(f"{known} of {offering.funded_quotas} quotas of CPR {stopped.cpr_id} are on record")
    holders = [events.RollHolder(investor_id=person, quota_count=held[person]) for person in sorted(held)]
    for start in range(0, len(holders), events.HOLDERS_PER_EVENT_MAX):
        told = events.QuotaRollTold(
            renegotiation_id=stopped.renegotiation_id,
            cpr_id=stopped.cpr_id,
            quota_count=known,
            holders=holders[start : start + events.HOLDERS_PER_EVENT_MAX],
        )
        outbox.record(session, told, occurred_at=now)


async def note_rate(session: AsyncSession, renegotiated: heard.CPRRenegotiated) -> None:
    """By which rate quotas are offered from now on. Raises NotYet before the disbursement is known here."""
    (await lock_lent(session, renegotiated.cpr_id)).renegotiated_annual_rate = renegotiated.annual_rate


async def resume_trading(session: AsyncSession, cpr_id: UUID, *, version: int) -> None:
    """The renegotiation is over: quotas may be offered again. Raises NotYet before the disbursement is known here."""
    offering = await lock_lent(session, cpr_id)
    if version >= offering.renegotiation_version:
        offering.renegotiation_id, offering.renegotiation_version = None, version
