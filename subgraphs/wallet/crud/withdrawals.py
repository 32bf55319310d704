"""Withdrawals."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import Withdrawal, WithdrawalStatus

IN_FLIGHT = (WithdrawalStatus.REQUESTED, WithdrawalStatus.SENT)


async def find_withdrawal(session: AsyncSession, withdrawal_id: UUID) -> Withdrawal | None:
    return await session.get(Withdrawal, withdrawal_id)


async def lock_withdrawal(session: AsyncSession, withdrawal_id: UUID) -> Withdrawal | None:
    return await session.get(Withdrawal, withdrawal_id, with_for_update=True, populate_existing=True)


_OF_PERSON = select(Withdrawal).where(is_any_of(Withdrawal.id, "ids"), Withdrawal.user_id == bindparam("user_id"))


async def list_withdrawals(
    session: Reader, withdrawal_ids: Collection[UUID], *, user_id: UUID
) -> dict[UUID, Withdrawal]:
    """Withdrawals of one person by id."""
    found = await session.scalars(_OF_PERSON, {"ids": withdrawal_ids, "user_id": user_id})
    return {withdrawal.id: withdrawal for withdrawal in found}


async def list_newest_withdrawals(
    session: Reader, user_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Withdrawal]:
    statement = (
        select(Withdrawal)
        .where(Withdrawal.user_id == user_id)
        .order_by(Withdrawal.requested_at.desc(), Withdrawal.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(Withdrawal.requested_at, Withdrawal.id) < before)
    return (await session.scalars(statement)).all()


async def lock_not_ordered(session: AsyncSession, user_id: UUID) -> Sequence[Withdrawal]:
    """Withdrawals of a person that the gateway has not been asked for."""
    statement = (
        select(Withdrawal)
        .where(
            Withdrawal.user_id == user_id,
            Withdrawal.status == WithdrawalStatus.REQUESTED,
            Withdrawal.ordered_at.is_(None),
        )
        .order_by(Withdrawal.id)
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def list_in_flight(session: Reader, *, requested_before: datetime, limit: int) -> Sequence[Withdrawal]:
    """Withdrawals whose end is overdue."""
    statement = (
        select(Withdrawal)
        .where(Withdrawal.status.in_(IN_FLIGHT), Withdrawal.requested_at < requested_before)
        .order_by(Withdrawal.requested_at)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def has_in_flight(session: AsyncSession, user_id: UUID) -> bool:
    statement = select(exists().where(Withdrawal.user_id == user_id, Withdrawal.status.in_(IN_FLIGHT)))
    return bool(await session.scalar(statement))
