"""Telling farmers that an installment is due soon."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import policies
from subgraphs.contracts.models import CPR, Installment
from subgraphs.contracts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox


async def announce_due_installments(session: AsyncSession, *, now: datetime) -> int:
    """
    Tell of every installment that is due within the policy's days and was not told of yet; how many.

    Run twice, the second finds nothing; not run for days, it tells late rather than never, up to the due date itself.
    """
    today = business_date(now)
    policy = await policies.get_policy(session, today)
    due = await rows.lock_due_soon(session, first=today, last=today + timedelta(days=policy.due_soon_days))

    async def announce(some: Sequence[tuple[Installment, CPR]]) -> None:
        for installment, cpr in some:
            installment.announced_at = now
            due_soon = events.InstallmentDueSoon(
                installment_id=installment.id,
                cpr_id=cpr.id,
                farmer_id=cpr.farmer_id,
                number=installment.number,
                due_on=installment.due_on,
                amount_minor=installment.amount_minor,
            )
            outbox.record(session, due_soon, occurred_at=now)

    return await all_or_one_by_one(session, "announce_due_installments", due, announce, name=lambda row: row[0].id)
