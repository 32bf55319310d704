"""
An offering's money, from many investors to one farmer.

    held(investor) ──capture──▶ escrow(CPR) ──disburse──▶ available(farmer)
                                        ├──▶ origination fee
                                        └──▶ IOF payable

All of it in one transaction: the escrow is empty before and after.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.money import round_half_up
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, holds, iof, ledger, wallets
from subgraphs.wallet.models import HoldStatus, OfferingStatus, TransferKind
from subgraphs.wallet.schemas import events, heard


async def disburse_offering(session: AsyncSession, funded: heard.OfferingFunded, *, now: datetime) -> None:
    """
    Capture every hold of a funded offering and pay the principal, less fee and tax, to the farmer.

    The origination fee follows the risk grade, the tax who borrows; both are dated parameters. An offering that
    was disbursed stays so: a second message changes nothing.

    Raises NotYet while anything is missing that is on its way: a hold (or the release of one), the registration of
    the CPR, the farmer's wallet. Raises ValueError for an offering that was cancelled or is not of the CPR's farmer,
    and LookupError where a parameter is missing; people have to see to those.
    """
    offering = await crud.holds.lock_offering(session, funded.offering_id)
    if offering.status is OfferingStatus.DISBURSED:
        return
    if offering.status is OfferingStatus.CANCELLED:
        raise ValueError(f"offering {funded.offering_id} was cancelled and cannot be disbursed")
    cpr = await crud.installments.find_cpr(session, funded.cpr_id)
    if cpr is None:
        raise NotYet(f"CPR {funded.cpr_id} is not known to be registered")
    if cpr.farmer_id != funded.farmer_id:
        raise ValueError(f"offering {funded.offering_id} is not of the farmer of CPR {funded.cpr_id}")
    farmer = await wallets.await_wallet(session, funded.farmer_id)
    active = await _lock_complete_holds(session, funded)
    fee = await _origination_fee(session, funded, now=now)
    tax = await _iof(session, funded, cpr, now=now)
    net = funded.principal_minor - fee - tax.total_minor

    escrow = chart.escrow(funded.cpr_id)
    await ledger.open_accounts(session, escrow)
    captures = [holds.capture_transfer(hold, to=escrow.id) for hold in active]
    disbursement = ledger.Transfer(
        kind=TransferKind.DISBURSEMENT,
        cause_id=funded.offering_id,
        reference_id=funded.cpr_id,
        legs=(
            *ledger.debit(escrow.id, funded.principal_minor),
            *ledger.credit(chart.ORIGINATION_FEE, fee),
            *ledger.credit(chart.IOF_PAYABLE, tax.total_minor),
            *ledger.credit(farmer.available_id, net),
        ),
    )
    await ledger.post(session, *captures, disbursement, now=now)
    captured = {hold.id: hold.amount_minor for hold in active}
    await crud.holds.end_holds(session, captured, status=HoldStatus.CAPTURED, ended_at=now)
    offering.status, offering.decided_at = OfferingStatus.DISBURSED, now
    session.add(
        models.Disbursement(
            offering_id=funded.offering_id,
            cpr_id=funded.cpr_id,
            farmer_id=funded.farmer_id,
            farmer_person=funded.farmer_person,
            grade=funded.grade,
            principal_minor=funded.principal_minor,
            origination_fee_minor=fee,
            iof_minor=tax.total_minor,
            net_minor=net,
            disbursed_at=now,
        )
    )
    disbursed = events.CPRDisbursed(
        cpr_id=funded.cpr_id,
        offering_id=funded.offering_id,
        farmer_id=funded.farmer_id,
        principal_minor=funded.principal_minor,
        origination_fee_minor=fee,
        iof_minor=tax.total_minor,
        net_minor=net,
        disbursed_at=now,
    )
    outbox.record(session, disbursed, occurred_at=now)


async def _lock_complete_holds(session: AsyncSession, funded: heard.OfferingFunded) -> list[models.Hold]:
    active = list(await crud.holds.lock_active_holds(session, funded.offering_id))
    total = sum(hold.amount_minor for hold in active)
    if len(active) != funded.investment_count or total != funded.principal_minor:
        # A cancelled investment whose release has not come yet makes one too many; neither may be guessed away.
        raise NotYet(
            f"offering {funded.offering_id} has {len(active)} holds of {total}, "
            f"not {funded.investment_count} of {funded.principal_minor}"
        )
    return active


async def _origination_fee(session: AsyncSession, funded: heard.OfferingFunded, *, now: datetime) -> int:
    rate = await crud.parameters.find_origination_fee_rate(session, funded.grade, business_date(now))
    if rate is None:
        raise LookupError(f"no origination fee is set for grade {funded.grade} on {business_date(now)}")
    return round_half_up(funded.principal_minor * rate)


async def _iof(
    session: AsyncSession, funded: heard.OfferingFunded, cpr: models.RegisteredCPR, *, now: datetime
) -> iof.Iof:
    today = business_date(now)
    instrument = await crud.parameters.find_iof_instrument(session, funded.farmer_person, today)
    rate = await crud.parameters.find_iof_rate(session, instrument, today) if instrument else None
    if rate is None:
        raise LookupError(f"no rule or no rate of IOF is set for credit to {funded.farmer_person} persons on {today}")
    return iof.iof_due(
        funded.principal_minor,
        days=cpr.term_months * iof.DAYS_PER_MONTH,
        daily_rate=rate.daily_rate,
        days_max=rate.days_max,
        additional_rate=rate.additional_rate,
    )
