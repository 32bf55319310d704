"""SQL on what bounds money that leaves."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.wallet.models import MoneyOutPause, NightLimit, Parameter, Withdrawal, WithdrawalStatus


async def get_parameters(session: Reader, on: date) -> dict[str, int]:
    """Each parameter's value on the day *on*."""
    rows = await session.execute(
        select(Parameter.name, Parameter.value).where(Parameter.valid_from <= on).order_by(Parameter.valid_from)
    )
    return {name: value for name, value in rows}  # noqa: C416  # of one name the last, which is the newest, stays


async def lock_person(session: AsyncSession, user_id: UUID) -> None:
    """Of two choices at once the second sees the first; until the transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('money out ' || :user_id, 0))"), {"user_id": str(user_id)}
    )


async def sum_requested(session: Reader, user_id: UUID, since: datetime) -> int:
    """What was asked to leave since then and has not come back."""
    total = await session.scalar(
        select(func.coalesce(func.sum(Withdrawal.amount_minor), 0)).where(
            Withdrawal.user_id == user_id,
            Withdrawal.requested_at >= since,
            Withdrawal.status != WithdrawalStatus.RETURNED,
        )
    )
    return int(total or 0)


async def find_night_limit(session: Reader, user_id: UUID) -> NightLimit | None:
    statement = select(NightLimit).where(NightLimit.user_id == user_id).execution_options(populate_existing=True)
    found: NightLimit | None = await session.scalar(statement)
    return found


async def save_night_limit(session: AsyncSession, limit: NightLimit) -> NightLimit:
    return await session.merge(limit)


async def list_pauses(session: Reader, user_id: UUID) -> Sequence[MoneyOutPause]:
    return (await session.scalars(select(MoneyOutPause).where(MoneyOutPause.user_id == user_id))).all()


async def save_pause(session: AsyncSession, user_id: UUID, *, since: datetime, reason: str) -> None:
    """Of one reason the later one stays, in whatever order they come."""
    statement = insert(MoneyOutPause).values(user_id=user_id, since=since, reason=reason)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[MoneyOutPause.user_id, MoneyOutPause.reason],
            set_={"since": since},
            where=MoneyOutPause.since < since,
        )
    )
