"""Money reaches the farmer: the schedule becomes a debt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.domain.drafting import terms_of
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.domain.schedule import make_schedule
from subgraphs.contracts.models import CPR, BusinessDayRule, CPRStatus, Installment
from subgraphs.contracts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.vocabulary import Amortisation


async def note_funding(session: AsyncSession, cpr_id: UUID) -> None:
    """
    A CPR's offering is funded. Told after the disbursement, there is nothing left to note.

    Raises NotYet for a CPR that is not registered as far as we know.
    """
    cpr = await rows.lock_cpr(session, cpr_id)
    if cpr is None or cpr.registered_at is None:
        raise NotYet(f"CPR {cpr_id} is not registered yet")
    if cpr.is_any_of(CPRStatus.REGISTERED):
        cpr.status = CPRStatus.FUNDED


async def activate_cpr(
    session: AsyncSession, cpr_id: UUID, *, principal_minor: int, disbursed_at: datetime, now: datetime
) -> CPR:
    """
    Fix the schedule of a disbursed CPR: the principal that was funded, due dates from the day of disbursement.

    The installments keep their ids; what was a projection is a debt from here on. Told twice, the first holds.

    Raises NotYet for a CPR that is not registered as far as we know, ValueError for more than was registered.
    """
    cpr = await rows.lock_cpr(session, cpr_id)
    if cpr is None or cpr.registered_at is None:
        raise NotYet(f"CPR {cpr_id} is not registered yet")
    if cpr.disbursed_at is not None:
        return cpr
    if not 0 < principal_minor <= cpr.drafted_principal_minor:
        raise ValueError(f"CPR {cpr.id} is of {cpr.drafted_principal_minor}, not of {principal_minor}")
    cpr.principal_minor = principal_minor
    schedule = make_schedule(
        terms_of(cpr), disbursed_on=business_date(disbursed_at), rule=BusinessDayRule(cpr.business_day_rule)
    )
    installments = sorted(await rows.lock_installments(session, cpr.id), key=lambda row: row.number)
    for row, part in zip(installments, schedule.installments, strict=True):
        row.due_on, row.principal_minor, row.interest_minor = part.due_on, part.principal_minor, part.interest_minor
    # The schedule is written before the CPR is disbursed: afterwards the database lets nobody change it.
    await session.flush()
    cpr.status, cpr.disbursed_at, cpr.terms_told_at = CPRStatus.ACTIVE, disbursed_at, now
    outbox.record(session, _activated(cpr, installments), occurred_at=now)
    return cpr


async def tell_terms(session: AsyncSession, *, now: datetime) -> int:
    """
    Tell the schedules anew that were told before rates were told with them; how many.

    Who knows one takes the rates from it and nothing else. It is the one that was signed, also where another has taken
    its place since.
    """
    untold = await rows.lock_untold(session)

    async def tell(some: Sequence[CPR]) -> None:
        for cpr in some:
            signed = [row for row in await rows.list_installments(session, [cpr.id]) if row.schedule_version == 1]
            cpr.terms_told_at = now
            outbox.record(session, _activated(cpr, signed), occurred_at=now)

    return await all_or_one_by_one(session, "tell_terms", untold, tell, name=lambda cpr: cpr.id)


def _activated(cpr: CPR, installments: list[Installment]) -> events.CPRActivated:
    assert cpr.disbursed_at is not None  # noqa: S101  # it has just been
    starts = [business_date(cpr.disbursed_at), *(row.due_on for row in installments[:-1])]
    months = cpr.term_months if cpr.amortisation == Amortisation.BULLET else 1
    return events.CPRActivated(
        cpr_id=cpr.id,
        farmer_id=cpr.farmer_id,
        issued_on=cpr.issued_on,
        principal_minor=cpr.principal_minor,
        grade=cpr.grade,
        late_fine_rate=rate_text(cpr.late_fine_rate),
        late_monthly_rate=rate_text(cpr.late_monthly_rate),
        monthly_rate=rate_text(cpr.monthly_rate),
        installments=tuple(
            events.ActivatedInstallment(
                installment_id=row.id,
                number=row.number,
                due_on=row.due_on,
                starts_on=starts_on,
                months=months,
                principal_minor=row.principal_minor,
                interest_minor=row.interest_minor,
                amount_minor=row.amount_minor,
            )
            for row, starts_on in zip(installments, starts, strict=True)
        ),
    )
