"""Time lines."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Activity, ActivityType
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.reading import Reader


async def add_activity(
    session: AsyncSession, *, id: UUID, user_id: UUID, type: ActivityType, occurred_at: datetime
) -> None:
    values = {"id": id, "user_id": user_id, "type": type, "occurred_at": occurred_at}
    await session.execute(insert(Activity).values(**values).on_conflict_do_nothing())


_NEWEST_FIRST = (
    select(Activity)
    .where(Activity.user_id == bindparam("user_id"))
    .order_by(Activity.occurred_at.desc(), Activity.id.desc())
    .limit(bindparam("limit"))
)


async def list_activities(session: Reader, user_id: UUID, page: PageRequest) -> Sequence[Activity]:
    """Newest first."""
    statement = _NEWEST_FIRST
    if page.place:
        statement = statement.where(tuple_(Activity.occurred_at, Activity.id) < page.place)
    return (await session.scalars(statement, {"user_id": user_id, "limit": page.limit})).all()
