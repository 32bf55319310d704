"""Time lines."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Activity, ActivityType
from subgraphs.shared.graphql.paging import PageRequest


async def add_activity(
    session: AsyncSession, *, id: UUID, user_id: UUID, type: ActivityType, occurred_at: datetime
) -> None:
    values = {"id": id, "user_id": user_id, "type": type, "occurred_at": occurred_at}
    await session.execute(insert(Activity).values(**values).on_conflict_do_nothing())


async def list_activities(session: AsyncSession, user_id: UUID, page: PageRequest) -> Sequence[Activity]:
    """Newest first."""
    statement = select(Activity).where(Activity.user_id == user_id)
    if page.after:
        statement = statement.where(tuple_(Activity.occurred_at, Activity.id) < (page.after.at, page.after.id))
    newest_first = statement.order_by(Activity.occurred_at.desc(), Activity.id.desc())
    return (await session.scalars(newest_first.limit(page.limit))).all()
