"""A renegotiated schedule takes the old one's place here first: whoever knows what was paid decides whether it may."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain.installments import cancel_open_charge, cancel_open_settlement
from subgraphs.wallet.schemas import events, heard


async def replace_schedule(session: AsyncSession, agreed: heard.ScheduleAgreed, *, now: datetime) -> None:
    """
    Put the agreed installments in the place of all that are owed of a CPR, and withdraw the charges open for these.

    Nothing is replaced where something was paid that the agreement does not know of, or when its time is over: the debt
    is another by then. Either answer is given once, and leaves as an event. Money that comes for what is replaced goes
    to the farmer's wallet.

    Raises NotYet while the schedule is not known here.
    """
    owed = await crud.installments.lock_installments_of(session, agreed.cpr_id, farmer_id=agreed.farmer_id)
    if not owed:
        raise NotYet(f"what is owed under CPR {agreed.cpr_id} is not known")
    # No payment and no swap of the CPR comes between.
    await crud.quotas.lock_register(session, agreed.cpr_id)
    _, _, payments = await crud.quotas.count_payments(session, agreed.cpr_id)
    if payments < agreed.payment_count:
        raise ValueError(f"{agreed.payment_count} payments of CPR {agreed.cpr_id} are told of, {payments} are known")
    reason: events.WhyScheduleKept | None = None
    if now >= agreed.good_until:
        reason = "TIMED_OUT"
    elif payments != agreed.payment_count:
        reason = "PAID_MEANWHILE"
    if not await crud.installments.decide_replacement(
        session, agreed.renegotiation_id, cpr_id=agreed.cpr_id, reason=reason, decided_at=now
    ):
        return
    if reason is not None:
        kept = events.ScheduleKept(renegotiation_id=agreed.renegotiation_id, cpr_id=agreed.cpr_id, reason=reason)
        outbox.record(session, kept, occurred_at=now)
        return
    last_payments = await crud.installments.list_last_payments(session, [row.id for row in owed])
    for row in owed:
        if (last := last_payments.get(row.id)) is None or not last.pays:
            row.replaced_by = agreed.renegotiation_id
            await cancel_open_charge(session, row.id, now=now)
    await cancel_open_settlement(session, agreed.cpr_id, now=now)
    session.add_all(_installment(agreed, line) for line in agreed.installments)
    replaced = events.ScheduleReplaced(renegotiation_id=agreed.renegotiation_id, cpr_id=agreed.cpr_id, replaced_at=now)
    outbox.record(session, replaced, occurred_at=now)


def _installment(agreed: heard.ScheduleAgreed, line: heard.AgreedInstallment) -> models.Installment:
    return models.Installment(
        id=line.installment_id,
        cpr_id=agreed.cpr_id,
        farmer_id=agreed.farmer_id,
        number=line.number,
        due_on=line.due_on,
        amount_minor=line.amount_minor,
        late_fine_rate=agreed.late_fine_rate,
        late_monthly_rate=agreed.late_monthly_rate,
        interest_minor=line.interest_minor,
        starts_on=line.starts_on,
        months=line.months,
        monthly_rate=agreed.monthly_rate,
        carried_minor=line.carried_minor,
        brought_by=agreed.renegotiation_id,
    )
