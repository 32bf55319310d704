"""CPRs and their installments."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.models import (
    CPR,
    UNDER_REPAYMENT,
    CPRStatus,
    Installment,
    InstallmentPayment,
    InstallmentStatus,
    PaymentOutcome,
)
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def find_cpr(session: Reader, cpr_id: UUID) -> CPR | None:
    return await session.get(CPR, cpr_id)


async def find_cpr_of_request(session: AsyncSession, credit_request_id: UUID) -> CPR | None:
    return await session.scalar(select(CPR).where(CPR.credit_request_id == credit_request_id))


async def lock_cpr(session: AsyncSession, cpr_id: UUID) -> CPR | None:
    """The CPR's lock comes before those of its installments, so that two payments of one CPR take turns."""
    return await session.scalar(
        select(CPR).where(CPR.id == cpr_id).with_for_update().execution_options(populate_existing=True)
    )


_BY_ID = select(CPR).where(is_any_of(CPR.id, "ids"))


async def list_cprs(session: Reader, cpr_ids: Sequence[UUID]) -> Sequence[CPR]:
    return (await session.scalars(_BY_ID, {"ids": cpr_ids})).all()


_OF_REQUESTS = select(CPR).where(is_any_of(CPR.credit_request_id, "request_ids"))


async def list_cprs_of_requests(session: Reader, request_ids: Sequence[UUID]) -> Sequence[CPR]:
    return (await session.scalars(_OF_REQUESTS, {"request_ids": request_ids})).all()


def _newest_of_each(*conditions: ColumnElement[bool]) -> Select[CPR]:
    place = func.row_number().over(partition_by=CPR.farmer_id, order_by=(CPR.drafted_at.desc(), CPR.id.desc()))
    numbered = select(CPR.id, place.label("place")).where(is_any_of(CPR.farmer_id, "farmer_ids"), *conditions)
    found = numbered.subquery()
    return (
        select(CPR)
        .join(found, found.c.id == CPR.id)
        .where(found.c.place <= bindparam("limit"))
        .order_by(CPR.farmer_id, found.c.place)
    )


_FIRST_PAGE_OF_EACH = _newest_of_each()


async def list_cprs_of(session: Reader, farmer_ids: Sequence[UUID], page: PageRequest) -> Sequence[CPR]:
    """Each farmer's newest CPRs, one page (and one more) per farmer, in one statement."""
    statement = _FIRST_PAGE_OF_EACH
    if page.place:
        statement = _newest_of_each(tuple_(CPR.drafted_at, CPR.id) < page.place)
    return (await session.scalars(statement, {"farmer_ids": farmer_ids, "limit": page.limit})).all()


async def lock_unregistered(session: AsyncSession, today: date) -> Sequence[CPR]:
    """CPRs whose last day to be registered has passed, without those that somebody else works on."""
    statement = (
        select(CPR)
        .where(CPR.status.in_((CPRStatus.SIGNED, CPRStatus.REGISTERING)), CPR.registration_due_on < today)
        .order_by(CPR.id)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


_INSTALLMENTS_OF = (
    select(Installment).where(is_any_of(Installment.cpr_id, "cpr_ids")).order_by(Installment.cpr_id, Installment.number)
)


async def list_installments(session: Reader, cpr_ids: Sequence[UUID]) -> Sequence[Installment]:
    return (await session.scalars(_INSTALLMENTS_OF, {"cpr_ids": cpr_ids})).all()


_INSTALLMENTS_BY_ID = (
    select(Installment, CPR).join(CPR, CPR.id == Installment.cpr_id).where(is_any_of(Installment.id, "ids"))
)


async def list_installments_with_cprs(session: Reader, ids: Sequence[UUID]) -> Sequence[tuple[Installment, CPR]]:
    return [(row[0], row[1]) for row in await session.execute(_INSTALLMENTS_BY_ID, {"ids": ids})]


_PAYMENTS_BY_ID = (
    select(InstallmentPayment, Installment, CPR)
    .join(Installment, Installment.id == InstallmentPayment.installment_id)
    .join(CPR, CPR.id == Installment.cpr_id)
    .where(is_any_of(InstallmentPayment.payment_id, "ids"))
)


async def list_payments_with_cprs(
    session: Reader, ids: Sequence[UUID]
) -> Sequence[tuple[InstallmentPayment, Installment, CPR]]:
    """Payments, each with the installment that it came for and its CPR."""
    return [(row[0], row[1], row[2]) for row in await session.execute(_PAYMENTS_BY_ID, {"ids": ids})]


async def find_installment(session: AsyncSession, installment_id: UUID) -> Installment | None:
    return await session.get(Installment, installment_id)


async def lock_installments(session: AsyncSession, cpr_id: UUID) -> Sequence[Installment]:
    statement = (
        select(Installment)
        .where(Installment.cpr_id == cpr_id)
        .order_by(Installment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


NOT_PAID = Installment.status != literal_column("'PAID'")
"""Of what is due. With the status as a value of its own the planner would not see that the index has all of these."""


async def lock_due_soon(session: AsyncSession, *, first: date, last: date) -> Sequence[tuple[Installment, CPR]]:
    """Unpaid, unannounced installments due in that span of days, without those that somebody else works on."""
    statement = (
        select(Installment, CPR)
        .join(CPR, CPR.id == Installment.cpr_id)
        .where(
            NOT_PAID,
            Installment.status == InstallmentStatus.SCHEDULED,
            Installment.announced_at.is_(None),
            Installment.due_on.between(first, last),
            CPR.disbursed_at.is_not(None),
        )
        .order_by(Installment.id)
        .limit(500)
        .with_for_update(of=Installment, skip_locked=True)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def lock_overdue(session: AsyncSession, today: date) -> Sequence[tuple[Installment, CPR]]:
    """Installments owed since before *today* and not marked late, without those that somebody else works on."""
    statement = (
        select(Installment, CPR)
        .join(CPR, CPR.id == Installment.cpr_id)
        .where(
            NOT_PAID,
            Installment.status == InstallmentStatus.SCHEDULED,
            Installment.due_on < today,
            CPR.disbursed_at.is_not(None),
        )
        .order_by(Installment.due_on, Installment.id)
        .limit(500)
        .with_for_update(of=Installment, skip_locked=True)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def lock_cprs_late_for(session: AsyncSession, today: date, *, days: int) -> Sequence[CPR]:
    """Active CPRs with an installment unpaid for more than *days*, without those that somebody else works on."""
    unpaid = select(Installment.id).where(
        Installment.cpr_id == CPR.id,
        NOT_PAID,
        Installment.status.in_((InstallmentStatus.SCHEDULED, InstallmentStatus.LATE)),
        Installment.due_on < today - timedelta(days=days),
    )
    statement = (
        select(CPR)
        .where(CPR.status == CPRStatus.ACTIVE, unpaid.exists())
        .order_by(CPR.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def lock_untold(session: AsyncSession) -> Sequence[CPR]:
    """CPRs under repayment whose rates were not told, without those that somebody else works on."""
    statement = (
        select(CPR)
        .where(CPR.terms_told_at.is_(None), CPR.status.in_(UNDER_REPAYMENT))
        .order_by(CPR.id)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def find_payment(session: AsyncSession, payment_id: UUID) -> InstallmentPayment | None:
    return await session.get(InstallmentPayment, payment_id)


async def find_numbered_payment(session: AsyncSession, installment_id: UUID, number: int) -> InstallmentPayment | None:
    """The payment of an installment that has this number and counts."""
    return await session.scalar(
        select(InstallmentPayment).where(
            InstallmentPayment.installment_id == installment_id,
            InstallmentPayment.number == number,
            InstallmentPayment.outcome != PaymentOutcome.REPEATED,
        )
    )
