"""SQL on what is kept of other domains' facts, and on what stays of closed accounts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import Engagement, RetainedRecord, WalletBalance
from subgraphs.shared.statements import rows_of, table_of

_BEGUN = rows_of(Engagement.id, Engagement.user_id, Engagement.begun_at)
_BEGIN = insert(table_of(Engagement)).from_select(
    ["id", "kind", "user_id", "begun_at"],
    select(_BEGUN.c.id, bindparam("kind", type_=Text), _BEGUN.c.user_id, _BEGUN.c.begun_at).order_by(_BEGUN.c.id),
)
_BEGIN_EARLIEST = _BEGIN.on_conflict_do_update(
    index_elements=[Engagement.id],
    set_={
        "user_id": _BEGIN.excluded.user_id,
        "begun_at": func.least(Engagement.begun_at, _BEGIN.excluded.begun_at),
    },
)

_CHANGES = rows_of(WalletBalance.user_id, WalletBalance.available_minor)
_CHANGE = insert(table_of(WalletBalance)).from_select(
    ["user_id", "available_minor"], select(_CHANGES.c.user_id, _CHANGES.c.available_minor).order_by(_CHANGES.c.user_id)
)
_ADD = _CHANGE.on_conflict_do_update(
    index_elements=[WalletBalance.user_id],
    set_={"available_minor": WalletBalance.available_minor + _CHANGE.excluded.available_minor},
)


async def begin_engagement(
    session: AsyncSession, engagement_id: UUID, *, kind: str, user_id: UUID, now: datetime
) -> None:
    """Note that it has begun, the first time if several facts say so; that it has ended may be known already."""
    await begin_engagements(session, [(engagement_id, user_id, now)], kind=kind)


async def begin_engagements(session: AsyncSession, begun: Iterable[tuple[UUID, UUID, datetime]], *, kind: str) -> None:
    """As `begin_engagement`, for many: each one's id, whose it is, and since when."""
    first: dict[UUID, tuple[UUID, datetime]] = {}
    for engagement_id, user_id, at in begun:
        if engagement_id not in first or at < first[engagement_id][1]:
            first[engagement_id] = (user_id, at)
    given = {
        "id": list(first),
        "user_id": [user_id for user_id, _ in first.values()],
        "begun_at": [at for _, at in first.values()],
    }
    await session.execute(_BEGIN_EARLIEST, {"kind": kind, **given})


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
    await add_to_balances(session, {user_id: amount_minor})


async def add_to_balances(session: AsyncSession, changes: Mapping[UUID, int]) -> None:
    """Add to several people's, in the order of their ids, so that two that meet wait for each other."""
    await session.execute(_ADD, {"user_id": list(changes), "available_minor": list(changes.values())})


async def find_balance(session: AsyncSession, user_id: UUID) -> int:
    statement = select(WalletBalance.available_minor).where(WalletBalance.user_id == user_id)
    return int(await session.scalar(statement) or 0)


async def delete_retained_records(session: AsyncSession, *, kept_until: datetime) -> None:
    await session.execute(delete(RetainedRecord).where(RetainedRecord.kept_until <= kept_until))
