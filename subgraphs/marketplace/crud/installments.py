"""Our copy of contracts' schedules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.models import Installment
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


@dataclass(frozen=True)
class ScheduleProgress:
    """How far a CPR is repaid."""

    installment_count: int
    """Without those that a renegotiation replaced."""
    paid_count: int
    payment_count: int
    """Payments we have heard of, those of parts of an installment included."""
    untouched_count: int
    """Installments of which nothing is paid."""
    principal_minor: int
    paid_principal_minor: int
    due_interest_minor: int
    """Interest that is not yet paid."""
    due_carried_late_minor: int
    """What of that is fine and interest for being late that a renegotiation carried."""
    next_due_on: date | None

    @property
    def unpaid_count(self) -> int:
        return self.installment_count - self.paid_count

    @property
    def is_repaid(self) -> bool:
        return self.unpaid_count == 0


async def keep_schedule(session: AsyncSession, rows: Iterable[dict[str, Any]]) -> None:
    """Keep a CPR's installments; harmless when kept before."""
    values = list(rows)
    if values:
        await session.execute(insert(Installment).values(values).on_conflict_do_nothing(index_elements=["id"]))


async def lock_installment(session: AsyncSession, installment_id: UUID) -> Installment | None:
    return await session.get(Installment, installment_id, with_for_update=True)


_UNPAID = (
    select(Installment)
    .where(is_any_of(Installment.cpr_id, "cpr_ids"), Installment.paid_at.is_(None), Installment.replaced_at.is_(None))
    .order_by(Installment.cpr_id, Installment.number)
)


async def list_unpaid(session: Reader, cpr_ids: Sequence[UUID]) -> dict[UUID, list[Installment]]:
    """By CPR, the installments still to come, in their order; without those that have none."""
    found: dict[UUID, list[Installment]] = {}
    for installment in await session.scalars(_UNPAID, {"cpr_ids": cpr_ids}):
        found.setdefault(installment.cpr_id, []).append(installment)
    return found


_IS_PAID = Installment.paid_at.is_not(None)
_IS_DUE = and_(Installment.paid_at.is_(None), Installment.replaced_at.is_(None))
_OPEN_INTEREST = func.greatest(Installment.interest_minor - Installment.settled_minor, 0)
_OPEN_CARRIED_LATE = func.greatest(Installment.carried_late_minor - Installment.settled_minor, 0)
_OPEN_PRINCIPAL = Installment.amount_minor - Installment.settled_minor - _OPEN_INTEREST
_PAID_PRINCIPAL = Installment.principal_minor - _OPEN_PRINCIPAL
"""By payments of parts."""
_PROGRESS = (
    select(
        Installment.cpr_id,
        func.count().filter(Installment.replaced_at.is_(None)),
        func.count().filter(_IS_PAID),
        func.sum(Installment.payment_count),
        func.count().filter(_IS_DUE, Installment.payment_count == 0),
        # Of what was replaced, the principal that is not paid back is in what came in its place.
        func.sum(case((Installment.replaced_at.is_(None), Installment.principal_minor), else_=_PAID_PRINCIPAL)),
        func.coalesce(func.sum(Installment.principal_minor).filter(_IS_PAID), 0),
        func.coalesce(func.sum(_PAID_PRINCIPAL).filter(Installment.paid_at.is_(None)), 0),
        func.coalesce(func.sum(_OPEN_INTEREST).filter(_IS_DUE), 0),
        func.coalesce(func.sum(_OPEN_CARRIED_LATE).filter(_IS_DUE), 0),
        func.min(Installment.due_on).filter(_IS_DUE),
    )
    .where(is_any_of(Installment.cpr_id, "cpr_ids"))
    .group_by(Installment.cpr_id)
)


async def get_progress(session: Reader, cpr_ids: Sequence[UUID]) -> dict[UUID, ScheduleProgress]:
    """By CPR; without those that have no schedule yet."""
    rows = (await session.execute(_PROGRESS, {"cpr_ids": cpr_ids})).all()
    return {
        cpr_id: ScheduleProgress(
            installment_count=count,
            paid_count=paid_count,
            payment_count=int(payments),
            untouched_count=untouched,
            principal_minor=int(principal),
            paid_principal_minor=int(paid_principal) + int(part_principal),
            due_interest_minor=int(due_interest),
            due_carried_late_minor=int(due_carried_late),
            next_due_on=next_due_on,
        )
        for (
            cpr_id,
            count,
            paid_count,
            payments,
            untouched,
            principal,
            paid_principal,
            part_principal,
            due_interest,
            due_carried_late,
            next_due_on,
        ) in rows
    }
