"""Who holds which quotas from when until when, and what is owed: kept from other domains' facts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution import models
from subgraphs.distribution.crud import holdings
from subgraphs.distribution.models import Instrument
from subgraphs.distribution.schemas import heard


async def open_positions(session: AsyncSession, all_confirmed: Sequence[heard.InvestmentConfirmed]) -> None:
    """
    Put investors on record from the instant of the confirmation, unless that was called off, or they are.

    The marketplace offers registered CPRs only, and says what the tax law sees in the investor.
    """
    by_id = {confirmed.investment_id: confirmed for confirmed in all_confirmed}
    await holdings.lock_investments(session, list(by_id))
    decided = await holdings.list_decided(session, list(by_id))
    session.add_all(
        models.Position(
            id=confirmed.investment_id,
            investment_id=confirmed.investment_id,
            cpr_id=confirmed.cpr_id,
            investor_id=confirmed.investor_id,
            person=confirmed.person,
            instrument=Instrument.REGISTERED_CPR,
            quota_count=confirmed.quota_count,
            amount_minor=confirmed.amount_minor,
            acquired_at=confirmed.confirmed_at,
            valid_from=confirmed.confirmed_at,
            since_swap=0,
        )
        for investment_id, confirmed in sorted(by_id.items())
        if investment_id not in decided
    )


async def note_swap(session: AsyncSession, swapped: heard.QuotasSwapped) -> None:
    """
    Put a buyer on record, and what the seller has no more. Once per swap, in whatever order swaps are told.

    The seller's own position may have yet to arrive: it is what it was, and what left it is kept beside it.
    """
    kept = await holdings.keep_swap(
        session,
        id=swapped.purchase_id,
        cpr_id=swapped.cpr_id,
        number=swapped.number,
        seller_position_id=swapped.seller_position_id,
        seller_id=swapped.seller_id,
        quota_count=swapped.quota_count,
        price_minor=swapped.price_minor,
        cost_minor=swapped.cost_minor,
        fee_minor=swapped.fee_minor,
        tax_minor=swapped.tax_minor,
        swapped_at=swapped.swapped_at,
    )
    if not kept:
        return
    session.add(
        models.Position(
            id=swapped.purchase_id,
            investment_id=swapped.investment_id,
            cpr_id=swapped.cpr_id,
            investor_id=swapped.buyer_id,
            person=swapped.buyer_person,
            instrument=Instrument.REGISTERED_CPR,
            quota_count=swapped.quota_count,
            amount_minor=swapped.price_minor,
            acquired_at=swapped.swapped_at,
            valid_from=swapped.swapped_at,
            since_swap=swapped.number,
        )
    )


async def close_position(session: AsyncSession, investment_id: UUID, *, at: datetime) -> None:
    """Take a cancelled investment off the record, also when its confirmation has yet to arrive."""
    await holdings.lock_investments(session, [investment_id])
    await holdings.keep_cancellation(session, investment_id, at)
    position = await holdings.lock_open_position(session, investment_id)
    if position is not None:
        position.valid_to = max(at, position.valid_from)


async def keep_funding(session: AsyncSession, funded: heard.OfferingFunded, *, told_at: datetime) -> None:
    await holdings.keep_funding(
        session,
        cpr_id=funded.cpr_id,
        offering_id=funded.offering_id,
        farmer_id=funded.farmer_id,
        grade=funded.grade,
        principal_minor=funded.principal_minor,
        quota_count=funded.quota_count,
        investment_count=funded.investment_count,
        funded_at=funded.funded_at or told_at,
    )


async def keep_schedule(session: AsyncSession, told: heard.CPRActivated | heard.CPRRenegotiated) -> None:
    """Keep what is owed, as signed or renegotiated; what a new schedule replaces stays for what was paid of it."""
    if isinstance(told, heard.CPRActivated) and told.issued_on is not None:
        await holdings.keep_issue(session, told.cpr_id, told.issued_on)
    await holdings.keep_schedule(
        session,
        (
            {
                "id": line.installment_id,
                "cpr_id": told.cpr_id,
                "number": line.number,
                "due_on": line.due_on,
                "principal_minor": line.principal_minor,
                "interest_minor": line.interest_minor,
                "carried_late_minor": line.carried_late_minor,
                "amount_minor": line.amount_minor,
            }
            for line in told.installments
        ),
    )
