"""
Being late: what it costs, and when it becomes a default.

A fine once, plus simple interest per day on a month of thirty days, both on what is open of the installment and by the
rates the CPR was drafted on. Charges follow from the dates alone (`shared/late_charges.py`). What the job does is
notice, mark and tell, so that it may run twice, or not for three days.

Doubt that the law leaves: whether the fine may be taken on interest as well as on principal (Código Civil, art. 406 and
412; CDC, art. 52 § 1). Both are taken on the whole installment here; the rates are dated parameters.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import policies
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.models import CPR, CPRStatus, Installment, InstallmentStatus
from subgraphs.contracts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.late_charges import LateCharges, late_charges
from subgraphs.shared.messaging import outbox


def charges_of(cpr: CPR, installment: Installment, *, on: date) -> LateCharges:
    """What *installment* costs extra when what is open of it is paid on that day."""
    return late_charges(
        installment.open_minor,
        days_late=(on - installment.due_on).days,
        fine_rate=cpr.late_fine_rate,
        monthly_rate=cpr.late_monthly_rate,
        charged_days=installment.charged_days,
        left_minor=installment.late_left_minor,
    )


async def note_late_installments(session: AsyncSession, *, now: datetime) -> int:
    """Mark installments whose due date has passed unpaid as late, and tell; how many."""
    overdue = await rows.lock_overdue(session, business_date(now))

    async def note(some: Sequence[tuple[Installment, CPR]]) -> None:
        for installment, cpr in some:
            installment.status, installment.late_at = InstallmentStatus.LATE, now
            late = events.InstallmentLate(
                installment_id=installment.id,
                cpr_id=cpr.id,
                farmer_id=cpr.farmer_id,
                number=installment.number,
                due_on=installment.due_on,
                amount_minor=installment.amount_minor,
                fine_rate=rate_text(cpr.late_fine_rate),
                monthly_rate=rate_text(cpr.late_monthly_rate),
            )
            outbox.record(session, late, occurred_at=now)

    return await all_or_one_by_one(session, "note_lateness", overdue, note, name=lambda row: row[0].id)


async def note_defaults(session: AsyncSession, *, now: datetime) -> int:
    """Put CPRs into default whose oldest unpaid installment is late for longer than the policy bears; how many."""
    today = business_date(now)
    days = (await policies.get_policy(session, today)).default_after_days
    found = await rows.lock_cprs_late_for(session, today, days=days)
    # Asked again under the locks: a payment or a new schedule may have come while these were looked for.
    installments = await rows.list_installments(session, [cpr.id for cpr in found])
    late_ids = {row.cpr_id for row in installments if row.is_owed and (today - row.due_on).days > days}
    late = [cpr for cpr in found if cpr.id in late_ids]

    async def note(some: Sequence[CPR]) -> None:
        for cpr in some:
            cpr.status, cpr.defaulted_at = CPRStatus.DEFAULTED, now
            outbox.record(session, events.CPRDefaulted(cpr_id=cpr.id, farmer_id=cpr.farmer_id), occurred_at=now)

    return await all_or_one_by_one(session, "note_lateness", late, note, name=lambda cpr: cpr.id)


async def recover_if_paid_up(
    session: AsyncSession, cpr: CPR, installments: Sequence[Installment], *, now: datetime
) -> None:
    """Take a locked CPR out of default once nothing of it is late for that long any more."""
    if not cpr.is_any_of(CPRStatus.DEFAULTED):
        return
    today = business_date(now)
    days = (await policies.get_policy(session, today)).default_after_days
    if any((today - row.due_on).days > days for row in installments if row.is_owed):
        return
    cpr.status = CPRStatus.ACTIVE
    outbox.record(session, events.CPRRecovered(cpr_id=cpr.id, farmer_id=cpr.farmer_id), occurred_at=now)
