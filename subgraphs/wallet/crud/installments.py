"""What is known of CPRs, installments, their payments and distributions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import (
    DistributionPart,
    DistributionPayout,
    Installment,
    InstallmentPayment,
    RegisteredCPR,
    ScheduleReplacement,
)


async def add_cpr(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(upsert(RegisteredCPR).values(row).on_conflict_do_nothing())


async def find_cpr(session: AsyncSession, cpr_id: UUID) -> RegisteredCPR | None:
    return await session.get(RegisteredCPR, cpr_id)


async def add_installments(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep a CPR's installments. Of those kept before, the terms of paying early are added where they were not told."""
    if rows:
        told = upsert(Installment).values(rows)
        terms = ("interest_minor", "starts_on", "months", "monthly_rate")
        late = ("late_fine_rate", "late_monthly_rate")
        added: dict[str, Any] = {name: told.excluded[name] for name in terms}
        added |= {name: func.coalesce(getattr(Installment, name), told.excluded[name]) for name in late}
        await session.execute(
            told.on_conflict_do_update(index_elements=["id"], set_=added, where=Installment.monthly_rate.is_(None))
        )


async def find_installment(session: AsyncSession, installment_id: UUID) -> Installment | None:
    return await session.get(Installment, installment_id)


async def lock_installment(session: AsyncSession, installment_id: UUID) -> Installment | None:
    return await session.get(Installment, installment_id, with_for_update=True, populate_existing=True)


async def find_last_payment(session: AsyncSession, installment_id: UUID) -> InstallmentPayment | None:
    """The installment's payment with the highest number."""
    found: InstallmentPayment | None = await session.scalar(
        select(InstallmentPayment)
        .where(InstallmentPayment.installment_id == installment_id)
        .order_by(InstallmentPayment.number.desc())
        .limit(1)
    )
    return found


async def lock_installments_of(session: AsyncSession, cpr_id: UUID, *, farmer_id: UUID) -> Sequence[Installment]:
    """
    All of a CPR that this farmer owes, paid or not, by id.

    Asked a second time once the locks are there: who had them may have brought others in their place.
    """
    statement = select(Installment).where(Installment.cpr_id == cpr_id, Installment.farmer_id == farmer_id)
    locked = statement.order_by(Installment.id).with_for_update().execution_options(populate_existing=True)
    await session.execute(locked)
    return [row for row in await session.scalars(locked) if row.replaced_by is None]


_OF_FARMER = select(Installment).where(
    Installment.farmer_id == bindparam("farmer_id"), Installment.replaced_by.is_(None)
)
_OWED = _OF_FARMER.where(is_any_of(Installment.id, "ids"))
_OWED_OF_CPRS = _OF_FARMER.where(is_any_of(Installment.cpr_id, "cpr_ids"))


async def list_owed(session: Reader, ids: Collection[UUID], *, farmer_id: UUID) -> Sequence[Installment]:
    """Those of this farmer, paid or not, without what a later schedule replaced."""
    return (await session.scalars(_OWED, {"ids": ids, "farmer_id": farmer_id})).all()


async def list_owed_of_cprs(session: Reader, cpr_ids: Collection[UUID], *, farmer_id: UUID) -> Sequence[Installment]:
    """Those of this farmer, paid or not, without what a later schedule replaced."""
    return (await session.scalars(_OWED_OF_CPRS, {"cpr_ids": cpr_ids, "farmer_id": farmer_id})).all()


_LAST_PAYMENTS = (
    select(InstallmentPayment)
    .where(is_any_of(InstallmentPayment.installment_id, "ids"))
    .order_by(InstallmentPayment.installment_id, InstallmentPayment.number.desc())
    .distinct(InstallmentPayment.installment_id)
)


async def list_last_payments(session: Reader, ids: Collection[UUID]) -> dict[UUID, InstallmentPayment]:
    """By installment, of those that have one."""
    return {row.installment_id: row for row in await session.scalars(_LAST_PAYMENTS, {"ids": ids})}


async def list_payments_of_settlement(session: AsyncSession, settlement_id: UUID) -> Sequence[InstallmentPayment]:
    """By the installments' numbers."""
    statement = (
        select(InstallmentPayment)
        .join(Installment, Installment.id == InstallmentPayment.installment_id)
        .where(InstallmentPayment.settlement_id == settlement_id)
        .order_by(Installment.number)
    )
    return (await session.scalars(statement)).all()


async def decide_replacement(
    session: AsyncSession, renegotiation_id: UUID, *, cpr_id: UUID, reason: str | None, decided_at: datetime
) -> bool:
    """Whether it is decided now, for the first time."""
    statement = upsert(ScheduleReplacement).values(
        renegotiation_id=renegotiation_id, cpr_id=cpr_id, reason=reason, decided_at=decided_at
    )
    decided = await session.scalar(statement.on_conflict_do_nothing().returning(ScheduleReplacement.renegotiation_id))
    return decided is not None


async def find_payment(session: AsyncSession, payment_id: UUID) -> InstallmentPayment | None:
    return await session.get(InstallmentPayment, payment_id)


async def add_part(session: AsyncSession, row: Mapping[str, Any]) -> bool:
    """Note a credited part of a distribution; False when it was credited before."""
    statement = (
        upsert(DistributionPart).values(row).on_conflict_do_nothing().returning(DistributionPart.distribution_id)
    )
    return await session.scalar(statement) is not None


async def add_payouts(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(insert(DistributionPayout), rows)


async def count_parts(session: AsyncSession, distribution_id: UUID) -> int:
    count = await session.scalar(select(func.count()).where(DistributionPart.distribution_id == distribution_id))
    return int(count or 0)
