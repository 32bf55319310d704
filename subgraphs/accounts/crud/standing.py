"""SQL on what is kept of other domains' facts, and on what stays of closed accounts."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import Engagement, RetainedRecord, WalletBalance


async def begin_engagement(
    session: AsyncSession, engagement_id: UUID, *, kind: str, user_id: UUID, now: datetime
) -> None:
    """Note that it has begun, the first time if several facts say so; that it has ended may be known already."""
    statement = insert(Engagement).values(id=engagement_id, kind=kind, user_id=user_id, begun_at=now)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Engagement.id],
            set_={"user_id": user_id, "begun_at": func.least(Engagement.begun_at, now)},
        )
    )


async def end_engagement(
    session: AsyncSession, engagement_id: UUID, *, kind: str, user_id: UUID, now: datetime
) -> None:
    statement = insert(Engagement).values(id=engagement_id, kind=kind, user_id=user_id, ended_at=now)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Engagement.id], set_={"ended_at": func.least(Engagement.ended_at, now)}
        )
    )


async def count_open_engagements(session: AsyncSession, user_id: UUID) -> Mapping[str, int]:
    """How many of each kind have begun and not ended."""
    statement = (
        select(Engagement.kind, func.count().label("open"))
        .where(Engagement.user_id == user_id, Engagement.begun_at.is_not(None), Engagement.ended_at.is_(None))
        .group_by(Engagement.kind)
    )
    return {row.kind: row.open for row in await session.execute(statement)}


async def add_to_balance(session: AsyncSession, user_id: UUID, amount_minor: int) -> None:
    statement = insert(WalletBalance).values(user_id=user_id, available_minor=amount_minor)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[WalletBalance.user_id],
            set_={"available_minor": WalletBalance.available_minor + statement.excluded.available_minor},
        )
    )


async def find_balance(session: AsyncSession, user_id: UUID) -> int:
    statement = select(WalletBalance.available_minor).where(WalletBalance.user_id == user_id)
    return int(await session.scalar(statement) or 0)


async def delete_retained_records(session: AsyncSession, *, kept_until: datetime) -> None:
    await session.execute(delete(RetainedRecord).where(RetainedRecord.kept_until <= kept_until))
