"""What is known of CPRs, installments, their payments and distributions."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.wallet.models import DistributionPart, DistributionPayout, Installment, InstallmentPayment, RegisteredCPR


async def add_cpr(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(upsert(RegisteredCPR).values(row).on_conflict_do_nothing())


async def find_cpr(session: AsyncSession, cpr_id: UUID) -> RegisteredCPR | None:
    return await session.get(RegisteredCPR, cpr_id)


async def add_installments(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await session.execute(upsert(Installment).values(rows).on_conflict_do_nothing())


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
