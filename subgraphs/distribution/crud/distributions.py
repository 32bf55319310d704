"""Distributions and payouts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.models import Distribution, Payout, UndistributedPayment
from subgraphs.shared.reading import Reader


async def find_numbered(session: AsyncSession, installment_id: UUID, number: int) -> Distribution | None:
    """That of the installment's payment with a number."""
    return await session.scalar(
        select(Distribution).where(Distribution.installment_id == installment_id, Distribution.number == number)
    )


async def list_of_installment(session: Reader, installment_id: UUID) -> Sequence[Distribution]:
    """In the order of their payments: one where the installment was paid at once."""
    statement = select(Distribution).where(Distribution.installment_id == installment_id)
    return (await session.scalars(statement.order_by(Distribution.number))).all()


async def lock_payout(session: AsyncSession, payout_id: UUID) -> Payout | None:
    return await session.get(Payout, payout_id, with_for_update=True)


async def list_payouts_of_distribution(session: Reader, distribution_id: UUID) -> Sequence[Payout]:
    """All payouts, by position."""
    statement = select(Payout).where(Payout.distribution_id == distribution_id)
    return (await session.scalars(statement.order_by(Payout.position_id))).all()


async def keep_undistributed(session: AsyncSession, **values: Any) -> None:
    """Keep a payment that nobody is to get; harmless when kept before."""
    await session.execute(insert(UndistributedPayment).values(**values).on_conflict_do_nothing())
